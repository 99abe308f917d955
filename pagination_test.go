package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// pages serves a list of Droplets with these IDs, in pages of the requested size.
func pages(ids ...int64) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		perPage, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		if perPage == 0 {
			perPage = 20
		}
		from, to := min((page-1)*perPage, len(ids)), min(page*perPage, len(ids))
		return respond(200, listBody(ids[from:to], len(ids), page, (len(ids)+perPage-1)/perPage))()
	}
}

func listBody(ids []int64, total, page, last int) string {
	items := make([]string, 0, len(ids))
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"web-%d"}`, id, id))
	}
	var links []string
	link := func(rel string, n int) {
		links = append(links, fmt.Sprintf(`"%s":"https://elsewhere.example.com/v2/droplets?page=%d&per_page=1"`, rel, n))
	}
	if page < last {
		link("next", page+1)
		link("last", last)
	}
	if page > 1 {
		link("prev", page-1)
		link("first", 1)
	}
	return fmt.Sprintf(`{"droplets":[%s],"links":{"pages":{%s}},"meta":{"total":%d}}`, strings.Join(items, ","), strings.Join(links, ","), total)
}

func upTo(n int) (ids []int64) {
	for i := range n {
		ids = append(ids, int64(i+1))
	}
	return ids
}

func collect(t *testing.T, c *droplets.Client, opts *droplets.DropletListOptions) (ids []int64, err error) {
	t.Helper()
	for d, err := range c.Droplets.All(t.Context(), opts) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
}

func TestListPage(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, pages(upTo(45)...))
	p, err := c.Droplets.List(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{Page: 2, PerPage: 10}})
	require.NoError(t, err)
	assert.Equal(t, upTo(20)[10:], idsOf(p.Items))
	assert.Equal(t, 45, p.Total)
	assert.Equal(t, []int{3, 1, 5}, []int{p.NextPage, p.PrevPage, p.LastPage})
	assert.Equal(t, "page=2&per_page=10", a.last().RawQuery)

	p, err = c.Droplets.List(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{Page: 5, PerPage: 10}})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 4, 5}, []int{p.NextPage, p.PrevPage, p.LastPage})
	assert.Equal(t, upTo(45)[40:], idsOf(p.Items))

	_, err = c.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, a.last().RawQuery)
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, pages())
	for want, opts := range map[string]droplets.DropletListOptions{
		"name=web-1&type=gpus":           {Name: "web-1", Type: droplets.DropletTypeGPUs},
		"tag_name=%23prod":               {TagName: "#prod"},
		"name=a+b%26tag_name%3Dx":        {Name: "a b&tag_name=x"},
		"page=2&per_page=7&tag_name=%25": {ListOptions: droplets.ListOptions{Page: 2, PerPage: 7}, TagName: "%"},
	} {
		p, err := c.Droplets.List(t.Context(), &opts)
		require.NoError(t, err)
		assert.Equal(t, want, a.last().RawQuery)
		assert.NotNil(t, p.Items)
		assert.Empty(t, p.Items)
	}
}

func TestOptionalLinks(t *testing.T) {
	t.Parallel()
	for name, links := range map[string]string{
		"missing": ``, "null": `,"links":null`, "empty": `,"links":{}`,
		"null pages": `,"links":{"pages":null}`, "empty pages": `,"links":{"pages":{}}`,
	} {
		_, c := newAPI(t, sequence(respond(200, `{"droplets":[{"id":1},{"id":2}],"meta":{"total":2}`+links+`}`)))
		p, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err, name)
		assert.Equal(t, []int{2, 0, 0, 1}, []int{p.Total, p.NextPage, p.PrevPage, p.LastPage}, name)
	}
}

func TestAllWithoutLinks(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(
			respond(200, `{"droplets":[{"id":1},{"id":2}],"meta":{"total":3}}`),
			respond(200, `{"droplets":[{"id":3}],"meta":{"total":3}}`)))
		ids, err := collect(t, c, &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}})
		require.NoError(t, err)
		assert.Equal(t, []int64{1, 2, 3}, ids)
		assert.Equal(t, 2, a.count())
	})
}

func TestAll(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, pages(upTo(450)...))
		opts := &droplets.DropletListOptions{TagName: "web"}
		all := c.Droplets.All(t.Context(), opts)
		assert.Zero(t, a.count(), "nothing is sent before the first pull")
		opts.TagName = "other"

		for range 2 {
			var ids []int64
			for d, err := range all {
				require.NoError(t, err)
				ids = append(ids, d.ID)
			}
			assert.Equal(t, upTo(450), ids)
		}
		assert.Equal(t, 6, a.count())
		for _, r := range a.received() {
			assert.Equal(t, "200", r.Query.Get("per_page"))
			assert.Equal(t, "web", r.Query.Get("tag_name"), "the options were copied")
		}
		assert.Equal(t, droplets.ListOptions{}, opts.ListOptions, "the options were not changed")
	})
}

func TestAllStops(t *testing.T) {
	t.Parallel()
	t.Run("by break", func(t *testing.T) {
		t.Parallel()
		virtualtime.Test(t, func(t *testing.T) {
			a, c := newAPI(t, pages(upTo(450)...))
			for _, err := range c.Droplets.All(t.Context(), nil) {
				require.NoError(t, err)
				break
			}
			assert.Equal(t, 1, a.count())
		})
	})
	t.Run("by an error, yielded once", func(t *testing.T) {
		t.Parallel()
		virtualtime.Test(t, func(t *testing.T) {
			list := pages(upTo(450)...)
			_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				if r.URL.Query().Get("page") == "2" {
					return respond(403, forbiddenBody)()
				}
				return list(n, r)
			})
			got, errs := 0, 0
			for _, err := range c.Droplets.All(t.Context(), nil) {
				if err != nil {
					require.ErrorIs(t, err, droplets.ErrForbidden)
					errs++
					continue
				}
				got++
			}
			assert.Equal(t, 200, got)
			assert.Equal(t, 1, errs)
		})
	})
	t.Run("by the context", func(t *testing.T) {
		t.Parallel()
		virtualtime.Test(t, func(t *testing.T) {
			a, c := newAPI(t, pages(upTo(450)...))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			for d, err := range c.Droplets.All(ctx, nil) {
				if d.ID == 100 {
					cancel()
				}
				last = err
			}
			require.ErrorIs(t, last, context.Canceled)
			assert.Equal(t, 1, a.count(), "no page is requested after the context is done")
		})
	})
	t.Run("with an endless list", func(t *testing.T) {
		t.Parallel()
		virtualtime.Test(t, func(t *testing.T) {
			a, c := newAPI(t, sequence(respond(200, listBody(upTo(3), 1000, 1, 9))))
			ids, err := collect(t, c, nil)
			require.ErrorIs(t, err, droplets.ErrInvalidResponse)
			assert.Equal(t, upTo(3), ids)
			require.ErrorContains(t, err, "the list does not end")
			assert.LessOrEqual(t, a.count(), 20)
		})
	})
}

func TestAllYieldsEachDropletOnce(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(
			respond(200, listBody([]int64{1, 2, 3}, 5, 1, 2)),
			respond(200, listBody([]int64{3, 4, 5}, 5, 2, 2))))
		ids, err := collect(t, c, nil)
		require.NoError(t, err)
		assert.Equal(t, upTo(5), ids)
	})
}

func TestInvalidListOptions(t *testing.T) {
	t.Parallel()
	for field, opts := range map[string]droplets.DropletListOptions{
		"Page":    {ListOptions: droplets.ListOptions{Page: -1}},
		"PerPage": {ListOptions: droplets.ListOptions{PerPage: 201}},
		"TagName": {Name: "web-1", TagName: "web"},
		"Name":    {Name: "  "},
	} {
		a, c := newAPI(t, pages())
		_, err := c.Droplets.List(t.Context(), &opts)
		requireInvalid(t, err, field)
		_, err = collect(t, c, &opts)
		requireInvalid(t, err, field)
		assert.Zero(t, a.count())
	}
}

func TestLinksOfOtherTypes(t *testing.T) {
	t.Parallel()
	for _, links := range []string{`[]`, `{"pages":[]}`, `"x"`, `{"pages":7}`} {
		_, c := newAPI(t, sequence(respond(200, `{"droplets":[{"id":1}],"meta":{"total":1},"links":`+links+`}`)))
		p, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err, links)
		assert.Len(t, p.Items, 1)
	}
}

// TestLinksOfAPage has links that do not name a page.
func TestLinksOfAPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		links, total     string
		page             int
		next, prev, last int
	}{
		"no number of the last page":           {links: `"next":"https://x/?page=2"`, total: "401", page: 1, next: 2, last: 3},
		"no number of the last page, 400":      {links: `"next":"https://x/?page=2"`, total: "400", page: 1, next: 2, last: 2},
		"a next link to another page":          {links: `"next":"https://x/?page=5","last":"https://x/?page=7","prev":"https://x/?page=4"`, page: 2, total: "0", next: 5, prev: 4, last: 7},
		"no total":                             {links: `"next":"https://x/?page=3"`, total: "0", page: 2, next: 3, last: 3},
		"a next link that is no URL":           {links: `"next":"http://["`, total: "0", page: 2, next: 3, last: 3},
		"a next link without a page":           {links: `"next":"https://x/"`, total: "0", page: 2, next: 3, last: 3},
		"a next link to page 0":                {links: `"next":"https://x/?page=0"`, total: "0", page: 2, next: 3, last: 3},
		"links of other pages that are no URL": {links: `"prev":"http://[","last":"http://["`, total: "0", page: 2, last: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := newAPI(t, sequence(respond(200, `{"droplets":[{"id":1}],"links":{"pages":{`+tt.links+`}},"meta":{"total":`+tt.total+`}}`)))
			p, err := c.Droplets.List(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{Page: tt.page, PerPage: 200}})
			require.NoError(t, err)
			assert.Equal(t, [3]int{tt.next, tt.prev, tt.last}, [3]int{p.NextPage, p.PrevPage, p.LastPage}, "next, previous and last page")
		})
	}
}

// TestAFullPageWithoutLinks: there is a next page if the page is full and the total is larger. A page has 20 items by default.
func TestAFullPageWithoutLinks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ items, total, next, last int }{{20, 21, 2, 2}, {20, 20, 0, 1}, {19, 21, 0, 1}, {20, 41, 2, 3}} {
		body := strings.Replace(listBody(upTo(tt.items), tt.total, 1, 1), `"links":{"pages":{}},`, "", 1)
		_, c := newAPI(t, sequence(respond(200, body)))
		p, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, [2]int{tt.next, tt.last}, [2]int{p.NextPage, p.LastPage}, "%+v", tt)
	}
}
