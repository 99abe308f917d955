package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guard rejects requests to the control API that a browser sends for a web page of another origin. The control API has no token
// against them.
//
// The Host header must be a loopback address, the address on which the program listens, or a name of -allow-host. A page whose own name
// resolves to this program (DNS rebinding) has its own name in the header. If the program listens on all addresses, every IP address
// is accepted, because a page with another name cannot send one. In addition, a request that changes something must not have a
// Sec-Fetch-Site or Origin header of another origin. Browsers send these headers; other programs do not.
type guard struct {
	listen  string // the host of -addr; "" for all addresses
	allowed []string
	origins http.CrossOriginProtection
}

// newGuard returns a guard for a program that listens on addr.
func newGuard(addr string, allowed []string) *guard {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	return &guard{listen: strings.ToLower(host), allowed: allowed}
}

// check returns an error if a request must be rejected.
func (g *guard) check(r *http.Request) error {
	if !g.allowsHost(r.Host) {
		return fmt.Errorf("the Host %q is not allowed: use a loopback address or the address of -addr, or start fakeapi with -allow-host", r.Host)
	}
	if g.origins.Check(r) != nil {
		return errors.New("a browser sent this request for a page of another origin")
	}
	return nil
}

func (g *guard) allowsHost(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(g.allowed, host) || host != "" && host == g.listen {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && (ip.IsLoopback() || g.listensOn(ip))
}

// listensOn reports whether the program listens on an address.
func (g *guard) listensOn(ip netip.Addr) bool {
	if g.listen == "" {
		return true
	}
	own, err := netip.ParseAddr(g.listen)
	return err == nil && (own.IsUnspecified() || own.Unmap() == ip.Unmap())
}
