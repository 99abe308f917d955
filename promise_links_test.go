package droplets_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestLinksAreNotFollowed: the links of a list name another host, path and query. Each page is requested from the base URL.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	var requested []string
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		requested = append(requested, r.URL.String())
		n, next := len(requested), ""
		if n < 3 {
			next = fmt.Sprintf(`"next":"http://elsewhere.example.com/v3/volumes?page=%d&tag_name=db","last":"http://elsewhere.example.com/?page=3"`, n+1)
		}
		return respond(200, fmt.Sprintf(`{"droplets":[{"id":%d}],"links":{"pages":{%s}},"meta":{"total":3}}`, n, next))()
	})
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL("https://"+testHost), droplets.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}, TagName: "web"}
	all, err := collect1(c.Droplets.All(t.Context(), opts, droplets.ReadAhead(1)))
	require.NoError(t, err)
	assert.Len(t, all, 3)
	var want []string
	for page := range 3 {
		want = append(want, fmt.Sprintf("https://%s/v2/droplets?page=%d&per_page=1&tag_name=web", testHost, page+1))
	}
	assert.Equal(t, want, requested)
}
