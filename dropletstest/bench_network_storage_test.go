package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/droplets-go/droplets"
)

// BenchmarkNetworkAndStorageListsOf100000 requests two pages of the lists of VPCs, volumes, firewalls and reserved IPs in an account with
// 100,000 Droplets, 1,000 VPCs, 10,000 volumes and 1,001 firewalls, one of which has pending changes of 33,334 Droplets.
func BenchmarkNetworkAndStorageListsOf100000(b *testing.B) {
	api := largeAccount(b, false)
	tr := api.Transport()
	all := api.Droplets()
	for i := range 1000 {
		api.AddVPC(fmt.Sprintf("v%d", i), "nyc3", "")
		api.AddFirewall(droplets.Firewall{Name: fmt.Sprintf("f%d", i), DropletIDs: []int64{all[i].ID, all[i+1].ID}, Tags: []string{"t1"}})
	}
	for i := range 700 {
		api.AddReservedIP(all[i].ID)
	}
	send(b, tr, http.MethodPost, "/v2/firewalls", `{"name":"web","tags":["web"],"inbound_rules":[{"protocol":"icmp","sources":{}}]}`)
	droplet := fmt.Sprintf("droplets/%d/", all[0].ID)
	for _, list := range []string{"vpcs?", "vpcs/" + all[0].VPCUUID + "/members?", "volumes?", "volumes?region=nyc3", "volumes?name=v", "firewalls?",
		droplet + "firewalls?", droplet + "destroy_with_associated_resources?", "reserved_ips?"} {
		b.Run(list, func(b *testing.B) {
			for b.Loop() {
				for _, page := range []string{"1", "50"} {
					send(b, tr, http.MethodGet, "/v2/"+list+"&per_page=200&page="+page, "")
				}
			}
		})
	}
	b.Run("create and delete", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			send(b, tr, http.MethodPost, "/v2/volumes", fmt.Sprintf(`{"name":"b%d","region":"fra1","size_gigabytes":1}`, i))
			send(b, tr, http.MethodDelete, fmt.Sprintf("/v2/volumes?name=b%d&region=fra1", i), "")
		}
	})
}
