package nettest

import (
	"crypto/tls"
	"testing"
)

// TestTLS presents certificates that the client must not accept.
func TestTLS(t *testing.T) { runCases(t, tlsCases()) }

func tlsCases() []testCase {
	var all []testCase
	for _, tc := range []testCase{
		{name: "unknown CA", want: untrusted, certificate: func(c *certificates) tls.Certificate { return c.unknownCA }},
		{name: "wrong host name", want: untrusted, certificate: func(c *certificates) tls.Certificate { return c.wrongHost }},
		{name: "expired", want: untrusted, certificate: func(c *certificates) tls.Certificate { return c.expired }},
		// With TLS 1.3, the client gets this error after it has sent the request.
		{name: "the server requires a client certificate", want: undecided, clientAuth: true},
	} {
		tc.group, tc.times = "TLS", always
		all = append(all, onBoth(tc)...)
	}
	return all
}
