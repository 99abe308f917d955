package droplets_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

type volume struct {
	ID string `json:"id"`
}

func volumeID(v *volume) string { return v.ID }

// collect1 returns the items that an iterator yields before an error.
func collect1[T any](seq iter.Seq2[T, error]) (items []T, err error) {
	for v, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, v)
	}
	return items, nil
}

// volumePages responds with the pages of a list of n volumes.
func volumePages(n int) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		perPage, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		var items []string
		for i := (page - 1) * perPage; i < min(page*perPage, n); i++ {
			items = append(items, fmt.Sprintf(`{"id":"v-%d"}`, i))
		}
		next := ""
		if page*perPage < n {
			next = fmt.Sprintf(`"pages":{"next":"https://elsewhere.example.com/v2/volumes?page=%d"}`, page+1)
		}
		return respond(200, fmt.Sprintf(`{"volumes":[%s],"links":{%s},"meta":{"total":%d}}`, strings.Join(items, ","), next, n))()
	}
}

func TestAllFrom(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		operations := make(chan string, 10)
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			operation, _ := droplets.OperationFromContext(r.Context())
			operations <- operation
			return volumePages(450)(n, r)
		})
		var resp droplets.Response
		all := droplets.AllFrom(t.Context(), c, "v2/volumes?region=nyc3&name=a%26b", "volumes", volumeID, nil,
			droplets.WithOperation("volumes_list"), droplets.WithHeader("X-A", "b"), droplets.CaptureResponse(&resp))
		assert.Zero(t, a.count(), "nothing is sent before the first iteration")
		for range 2 {
			volumes, err := collect1(all)
			require.NoError(t, err)
			require.Len(t, volumes, 450)
			for i, v := range volumes {
				require.Equal(t, fmt.Sprint("v-", i), v.ID)
			}
		}
		require.Equal(t, 6, a.count(), "three pages, twice")
		for range 6 {
			assert.Equal(t, "volumes_list", <-operations)
		}
		for _, r := range a.received() {
			assert.Equal(t, "/v2/volumes", r.Path)
			assert.Equal(t, "nyc3", r.Query.Get("region"))
			assert.Equal(t, "a&b", r.Query.Get("name"))
			assert.Equal(t, "200", r.Query.Get("per_page"))
			assert.Equal(t, "b", r.Header.Get("X-A"))
		}
		assert.Contains(t, string(resp.Body), `"v-449"`, "the response with the last page")

		pointers, err := collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", func(v **volume) string { return (*v).ID },
			&droplets.ListOptions{Page: 2, PerPage: 100}, droplets.ReadAhead(1)))
		require.NoError(t, err)
		require.Len(t, pointers, 350)
		assert.Equal(t, "v-100", pointers[0].ID)
		assert.Equal(t, "v-449", pointers[349].ID)
	})
}

func TestAllFromReturnsErrors(t *testing.T) {
	t.Parallel()
	for body, text := range map[string]string{
		`{}`:                          `has no "volumes"`,
		`{"volumes":null}`:            `has no "volumes"`,
		`{"Volumes":[{"id":"a"}]}`:    `has no "volumes"`,
		`[]`:                          "cannot unmarshal",
		`{"volumes":{}}`:              "cannot unmarshal",
		`{"volumes":[{"id":"a"},{}]}`: "has no ID",
		`{"volumes":[{"id":"a"}],"meta":{"total":9}}`: "but its total is",
	} {
		_, c := newAPI(t, sequence(respond(200, body)), once()...)
		_, err := collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", volumeID, nil))
		require.ErrorIs(t, err, droplets.ErrInvalidResponse, body)
		require.ErrorContains(t, err, text)
	}
	_, c := newAPI(t, sequence(respond(200, `{"volumes":[{"id":"a"},null]}`)), once()...)
	_, err := collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", func(v **volume) string { return (*v).ID }, nil))
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	require.ErrorContains(t, err, "item 2")

	_, err = collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", func(v *any) string { return (*v).(map[string]any)["id"].(string) }, nil))
	require.ErrorContains(t, err, "item 2", "key is not called for null")
	_, err = collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", func(v *map[string]string) string { return (*v)["id"] }, nil))
	require.ErrorContains(t, err, "item 2")

	_, c = newAPI(t, sequence(respond(200, `{"volumes":[`+strings.Repeat("{},", 1<<20)+`{}]}`)), once()...)
	type large struct {
		ID   string
		Data [1000]byte
	}
	_, err = collect1(droplets.AllFrom(t.Context(), c, "v2/volumes", "volumes", func(v *large) string { return v.ID }, nil))
	require.ErrorContains(t, err, "too many", "memory is bounded as in every list")
}

func TestAllFromRejects(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, volumePages(1))
	ctx := t.Context()
	for name, tt := range map[string]struct {
		field string
		seq   iter.Seq2[volume, error]
	}{
		"client":   {"c", droplets.AllFrom(ctx, nil, "v2/volumes", "volumes", volumeID, nil)},
		"root":     {"root", droplets.AllFrom(ctx, c, "v2/volumes", "", volumeID, nil)},
		"key":      {"key", droplets.AllFrom[volume, string](ctx, c, "v2/volumes", "volumes", nil, nil)},
		"path":     {"path", droplets.AllFrom(ctx, c, "volumes", "volumes", volumeID, nil)},
		"page":     {"path", droplets.AllFrom(ctx, c, "v2/volumes?page=2", "volumes", volumeID, nil)},
		"per_page": {"path", droplets.AllFrom(ctx, c, "v2/volumes?per_page=2", "volumes", volumeID, nil)},
		"query":    {"path", droplets.AllFrom(ctx, c, "v2/volumes?a=%zz", "volumes", volumeID, nil)},
		"options":  {"PerPage", droplets.AllFrom(ctx, c, "v2/volumes", "volumes", volumeID, &droplets.ListOptions{PerPage: 201})},
		"call":     {"ReadAhead", droplets.AllFrom(ctx, c, "v2/volumes", "volumes", volumeID, nil, droplets.ReadAhead(0))},
		"context":  {"ctx", droplets.AllFrom(noContext(), c, "v2/volumes", "volumes", volumeID, nil)},
	} {
		_, err := collect1(tt.seq)
		require.Error(t, err, name)
		requireInvalid(t, err, tt.field)
	}
	assert.Zero(t, a.count())
}

func noContext() (ctx context.Context) { return ctx }
