package check

import (
	"fmt"
	"net/netip"
	"net/url"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// registerFormats adds the formats of the document that kin-openapi does not check by itself. kin-openapi registers formats for the
// whole program, so this is done once.
var registerFormats = sync.OnceFunc(func() {
	address := func(version string, is func(netip.Addr) bool) {
		openapi3.DefineStringFormatValidator(version, openapi3.NewCallbackValidator(func(s string) error {
			if addr, err := netip.ParseAddr(s); err != nil || !is(addr) {
				return fmt.Errorf("%q is not an address of format %s", s, version)
			}
			return nil
		}))
	}
	address("ipv4", netip.Addr.Is4)
	address("ipv6", netip.Addr.Is6)
	openapi3.DefineStringFormatValidator("uri", openapi3.NewCallbackValidator(func(s string) error {
		if u, err := url.Parse(s); err != nil || u.Scheme == "" {
			return fmt.Errorf("%q is not an absolute URI", s)
		}
		return nil
	}))
})
