package dropletstest

import "fmt"

type reservedIP struct {
	Address   string `json:"address"`
	DropletID int64  `json:"droplet_id"`
}

// AddReservedIP assigns a new reserved IP to a Droplet. It returns the address, which is also the id of the reserved IP, or "" if
// the Droplet does not exist.
func (a *API) AddReservedIP(dropletID int64) string {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	if a.droplets[dropletID] == nil {
		return ""
	}
	address := fmt.Sprintf("203.0.113.%d", nextID(&a.counters.IP)%254+1)
	a.reservedIPs = append(a.reservedIPs, &reservedIP{Address: address, DropletID: dropletID})
	return address
}
