package droplets

import "net/http"

// SharedTransport returns a copy of the transport of the clients without WithHTTPClient.
func SharedTransport() *http.Transport { return sharedTransport().(*http.Transport).Clone() }
