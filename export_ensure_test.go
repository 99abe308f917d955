package droplets

// RememberedCreates returns the number of Droplets and names that a client remembers.
func RememberedCreates(c *Client) int {
	created := c.Droplets.created
	created.mu.Lock()
	defer created.mu.Unlock()
	return len(created.byID) + len(created.names)
}
