package benchmarks

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets"
)

const firstID = 3164444000

// dropletTemplate is a Droplet in the format of the API. Within a page, ids, names, addresses and tags differ; regions, sizes,
// images and features repeat.
const dropletTemplate = `{"id":%[1]d,"name":"web-%[2]d.example.com","memory":1024,"vcpus":1,"disk":25,"disk_info":[{"type":"local","size":` +
	`{"amount":25,"unit":"gib"}}],"locked":false,"status":"active","kernel":null,"created_at":"2026-07-21T18:%02[3]d:44Z","features":` +
	`["backups","private_networking","ipv6","monitoring"],"backup_ids":[%[4]d],"next_backup_window":{"start":"2026-07-30T00:00:00Z",` +
	`"end":"2026-07-30T23:00:00Z"},"snapshot_ids":[%[5]d],"image":{"id":63663980,"name":"24.04 (LTS) x64","type":"base","distribution":` +
	`"Ubuntu","slug":"ubuntu-24-04-x64","public":true,"regions":["ams3","blr1","fra1","lon1","nyc1","nyc3","sfo3","sgp1","syd1","tor1"],` +
	`"created_at":"2026-05-15T05:47:50Z","min_disk_size":20,"size_gigabytes":2.36,"description":"Ubuntu 24.04 (LTS) x64","tags":[],` +
	`"status":"available","error_message":""},"volume_ids":["506f78a4-e098-11e5-ad9f-%012[2]d"],"size":{"slug":"s-1vcpu-1gb","memory":1024,` +
	`"vcpus":1,"disk":25,"transfer":1.0,"price_monthly":6.0,"price_hourly":0.00892857090566307,"regions":["ams3","blr1","fra1","lon1",` +
	`"nyc1","nyc3","sfo3","sgp1","syd1","tor1"],"available":true,"description":"Basic"},"size_slug":"s-1vcpu-1gb","networks":{"v4":[` +
	`{"ip_address":"10.128.%[6]d.%[7]d","netmask":"255.255.0.0","gateway":"nil","type":"private"},{"ip_address":"192.0.%[6]d.%[7]d",` +
	`"netmask":"255.255.255.0","gateway":"192.0.%[6]d.1","type":"public"}],"v6":[{"ip_address":"2001:db8:0:1010::18a:%04[2]x",` +
	`"netmask":64,"gateway":"2001:db8:0:1010::1","type":"public"}]},"region":%[8]s,"tags":["web","env:prod","shard:%[9]d"],` +
	`"vpc_uuid":"760e09ef-dc84-11e8-981e-3cfdfeaae000"}`

const regionTemplate = `{"name":%q,"slug":%q,"features":["backups","ipv6","metadata","install_agent","storage","image_transfer"],` +
	`"available":true,"sizes":["s-1vcpu-1gb","s-1vcpu-2gb","s-2vcpu-2gb","s-2vcpu-4gb","s-4vcpu-8gb","s-8vcpu-16gb","g-2vcpu-8gb","c-2","c-4"]}`

func dropletDocument(n int) string {
	return fmt.Sprintf(dropletTemplate, firstID+n, n, n%60, 53893572+n, 67512819+n, n/250%250, n%250+2, regionDocument(n), n%16)
}

func regionDocument(n int) string {
	regions := [][2]string{{"New York 3", "nyc3"}, {"Amsterdam 3", "ams3"}, {"San Francisco 3", "sfo3"}}
	r := regions[n%len(regions)]
	return fmt.Sprintf(regionTemplate, r[0], r[1])
}

func getDocument() string { return `{"droplet":` + dropletDocument(0) + `}` }

func createDocument() string {
	return `{"droplet":` + dropletDocument(0) + `,"links":{"actions":[{"id":7515,"rel":"create",` +
		`"href":"https://api.digitalocean.com/v2/actions/7515"}]}}`
}

func actionDocument() string {
	return `{"action":{"id":36804636,"status":"completed","type":"create","started_at":"2026-11-14T16:29:21Z",` +
		`"completed_at":"2026-11-14T16:30:06Z","resource_id":3164444,"resource_type":"droplet","region":` + regionDocument(0) +
		`,"region_slug":"nyc3"}}`
}

// pageDocument returns one page of a list of total Droplets.
func pageDocument(page, perPage, total int) string {
	var items []string
	for n := (page - 1) * perPage; n < min(page*perPage, total); n++ {
		items = append(items, dropletDocument(n))
	}
	return `{"droplets":[` + strings.Join(items, ",") + `],"links":{"pages":{` + strings.Join(pageLinks(page, perPage, total), ",") +
		fmt.Sprintf(`}},"meta":{"total":%d}}`, total)
}

func pageLinks(page, perPage, total int) (links []string) {
	last := (total + perPage - 1) / perPage
	add := func(rel string, page int) {
		links = append(links, fmt.Sprintf(`%q:"https://api.digitalocean.com/v2/droplets?page=%d&per_page=%d"`, rel, page, perPage))
	}
	if page > 1 {
		add("first", 1)
		add("prev", page-1)
	}
	if page < last {
		add("next", page+1)
		add("last", last)
	}
	return links
}

// TestBothClientsDecodeTheDocuments checks that the benchmarks measure calls that succeed, with results that both clients agree on.
func TestBothClientsDecodeTheDocuments(t *testing.T) {
	for page, last := range map[int]bool{1: false, 50: true} {
		rt := cannedTransport{status: http.StatusOK, body: []byte(pageDocument(page, 200, totalDroplets))}
		ours, err := newDropletsClient(t, rt).Droplets.List(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{Page: page, PerPage: 200}})
		if err != nil {
			t.Fatal(err)
		}
		theirs, resp, err := newGodoClient(t, rt, "").Droplets.List(t.Context(), &godo.ListOptions{Page: page, PerPage: 200})
		if err != nil {
			t.Fatal(err)
		}
		if len(ours.Items) != 200 || len(theirs) != 200 || ours.Total != totalDroplets || (ours.NextPage == 0) != last || resp.Links.IsLastPage() != last {
			t.Fatalf("page %d: %d and %d Droplets of %d, next page %d, godo's last page %t",
				page, len(ours.Items), len(theirs), ours.Total, ours.NextPage, resp.Links.IsLastPage())
		}
		for i := range ours.Items {
			a, b := &ours.Items[i], &theirs[i]
			id := int64(firstID + (page-1)*200 + i)
			if a.ID != id || int64(b.ID) != id || a.Name != b.Name || a.Networks.V4[1].IPAddress != b.Networks.V4[1].IPAddress || a.Region.Slug != b.Region.Slug {
				t.Fatalf("Droplet %d of page %d: %d %s and %d %s, want the ID %d", i, page, a.ID, a.Name, b.ID, b.Name, id)
			}
		}
	}
	// README.md and docs/design.md say how large a page is.
	if size := len(pageDocument(1, 200, totalDroplets)); size < 355_000 || size > 370_000 {
		t.Errorf("a page of 200 has %d bytes, want about 360 kB", size)
	}
}
