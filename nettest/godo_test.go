package nettest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitalocean/godo"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"
)

// TestGodo runs the cases for godo and for this library, and prints a Markdown table for each client. It takes minutes and runs
// only if NETTEST_GODO is set. destroy_retry is left out, because godo does not have this operation.
func TestGodo(t *testing.T) {
	if os.Getenv("NETTEST_GODO") == "" {
		t.Skip("NETTEST_GODO is not set")
	}
	clients := []struct {
		name   string
		invoke invoker
	}{
		{"godo, without retries (NewClient)", invokeGodo},
		{"godo, with retries (WithRetryAndBackoffs)", invokeGodoRetrying},
		{"this library", invokeLibrary},
	}
	tables := make([]*comparison, len(clients))
	t.Run("cases", func(t *testing.T) {
		for i, client := range clients {
			tables[i] = &comparison{client: client.name}
			for _, tc := range allCases() {
				t.Run(strings.Join([]string{client.name, tc.group, tc.name, string(tc.protocol), tc.times.String()}, "/"), func(t *testing.T) {
					t.Parallel()
					for _, c := range calls() {
						if c.godo != nil {
							tables[i].add(tc, c, runCase(t, tc, c, client.invoke))
						}
					}
				})
			}
		}
	})
	fmt.Printf("\n%s, %s/%s, %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, godo.NewClient(nil).UserAgent)
	for _, table := range tables {
		table.print()
	}
	ours := tables[len(tables)-1].rows["all"]
	assert.Zero(t, ours.doubles, "changes of this library that were acted on more than once")
	assert.Zero(t, ours.withoutEffect+ours.wrongResult, "calls of this library that succeeded without their effect")
	assert.Equal(t, ours.actedButError, ours.marked, "errors of this library after the server acted, and those that match ErrMaybeApplied")
}

func allCases() []testCase {
	return slices.Concat(resetCases(), goAwayCases(), tcpCases(), interimCases(), slowCases(), proxyCases(), tlsCases(), statusCases())
}

// oauthClient returns an http.Client as in the documentation of godo.
func oauthClient(ctx context.Context, to target) *http.Client {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: to.transport})
	c := oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}))
	c.Timeout = to.timeout
	return c
}

func invokeGodo(ctx context.Context, c call, to target) (result, error) {
	client, err := godo.New(oauthClient(ctx, to), godo.SetBaseURL(to.url+"/"))
	if err != nil {
		return result{}, err
	}
	return result{err: c.godo(ctx, client)}, nil
}

// invokeGodoRetrying configures retries as godo.NewFromToken does, except for the delays, which are shorter here.
func invokeGodoRetrying(ctx context.Context, c call, to target) (result, error) {
	client, err := godo.New(oauthClient(ctx, to), godo.SetBaseURL(to.url+"/"), godo.WithRetryAndBackoffs(godo.RetryConfig{
		RetryMax: 4, RetryWaitMin: godo.PtrTo(0.001), RetryWaitMax: godo.PtrTo(0.002)}))
	if err != nil {
		return result{}, err
	}
	// WithRetryAndBackoffs replaces the transport: set the one that trusts the certificate of the test again.
	auth, ok := client.HTTPClient.Transport.(*oauth2.Transport)
	if !ok {
		return result{}, fmt.Errorf("godo's transport is a %T", client.HTTPClient.Transport)
	}
	retrying, ok := auth.Base.(*retryablehttp.RoundTripper)
	if !ok {
		return result{}, fmt.Errorf("the base of godo's transport is a %T", auth.Base)
	}
	retrying.Client.HTTPClient.Transport = to.transport
	return result{err: c.godo(ctx, client)}, nil
}

// comparison counts the results of one client by group of cases.
type comparison struct {
	client string

	mu     sync.Mutex
	groups []string
	rows   map[string]*comparisonRow
}

type comparisonRow struct {
	cases                                map[string]bool
	calls, doubles, most                 int
	withoutEffect, wrongResult           int
	actedButError, marked, ended, remain int
}

func (y *comparison) add(tc testCase, c call, r result) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, group := range []string{tc.group, "all"} {
		y.row(group).add(tc, c, r)
	}
}

func (y *comparison) row(group string) *comparisonRow {
	if y.rows == nil {
		y.rows = make(map[string]*comparisonRow)
	}
	if y.rows[group] == nil {
		y.rows[group] = &comparisonRow{cases: make(map[string]bool)}
		y.groups = append(y.groups, group)
	}
	return y.rows[group]
}

func (w *comparisonRow) add(tc testCase, c call, r result) {
	w.cases[strings.Join([]string{tc.group, tc.name, string(tc.protocol), tc.times.String()}, "/")] = true
	w.calls++
	if c.kind == change && r.server.acted > 1 {
		w.doubles++
		w.most = max(w.most, r.server.acted)
	}
	if r.err == nil && r.server.acted == 0 {
		w.withoutEffect++
	}
	if errors.Is(r.err, errWrongResult) {
		w.wrongResult++
	}
	if c.kind != read && r.err != nil && r.server.acted > 0 {
		w.actedButError++
		if isMaybeApplied(r.err) {
			w.marked++
		}
	}
	if r.ended {
		w.ended++
	}
	if r.leftConns || r.leftGoroutines {
		w.remain++
	}
}

func (y *comparison) print() {
	y.mu.Lock()
	defer y.mu.Unlock()
	fmt.Printf("\n**%s**\n\n", y.client)
	fmt.Println("| group | cases | calls | change acted on more than once | most often | success without the effect | wrong result |" +
		" error although acted on | of these marked as uncertain | not ended in " + deadline.Round(time.Second).String() + " | left-over |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	slices.Sort(y.groups)
	if i := slices.Index(y.groups, "all"); i >= 0 { // the sum is the last row
		y.groups = append(slices.Delete(y.groups, i, i+1), "all")
	}
	for _, group := range y.groups {
		w := y.rows[group]
		fmt.Printf("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", group, len(w.cases), w.calls, w.doubles, w.most,
			w.withoutEffect, w.wrongResult, w.actedButError, w.marked, w.ended, w.remain)
	}
}
