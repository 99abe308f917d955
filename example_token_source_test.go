package droplets_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// vault represents a service that issues tokens with a lifetime of one hour.
type vault struct{ issued int }

func (v *vault) Token() (*oauth2.Token, error) {
	v.issued++
	return &oauth2.Token{AccessToken: dropletstest.Token, Expiry: time.Now().Add(time.Hour)}, nil
}

// Uses tokens that expire. The client calls the token source before each attempt; ReuseTokenSource requests a new token
// only when the current one is about to expire.
func ExampleNewClientFromTokenSource() {
	ctx := context.Background()
	api := dropletstest.New()
	source := &vault{}
	client, err := droplets.NewClientFromTokenSource(oauth2.ReuseTokenSource(nil, source),
		droplets.WithHTTPClient(&http.Client{Transport: api.Transport()}))
	if err != nil {
		log.Fatal(err)
	}

	for range 3 {
		if _, err := client.Droplets.List(ctx, nil); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(api.Requests()), "requests,", source.issued, "token")
	// Output: 3 requests, 1 token
}
