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

// vault stands for whatever gives out tokens that last an hour.
type vault struct{ asked int }

func (v *vault) Token() (*oauth2.Token, error) {
	v.asked++
	return &oauth2.Token{AccessToken: dropletstest.Token, Expiry: time.Now().Add(time.Hour)}, nil
}

// A token that changes. The client asks before each attempt; ReuseTokenSource asks the vault only when the token it has
// is about to expire.
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
	fmt.Println(len(api.Requests()), "requests,", source.asked, "token")
	// Output: 3 requests, 1 token
}
