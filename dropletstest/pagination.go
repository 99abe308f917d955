package dropletstest

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

const (
	defaultPerPage = 20
	maxPerPage     = 200
)

// pageInfo is the pagination metadata of a list response. Links is empty if there is only one page. The first page has no
// first and prev links, the last page no next and last links.
type pageInfo struct {
	Links struct {
		Pages *pageLinks `json:"pages,omitempty"`
	} `json:"links"`
	Meta struct {
		Total int `json:"total"`
	} `json:"meta"`
}

type pageLinks struct {
	First string `json:"first,omitempty"`
	Prev  string `json:"prev,omitempty"`
	Next  string `json:"next,omitempty"`
	Last  string `json:"last,omitempty"`
}

// pageRange returns the range of items that the request selects, and the metadata of the response. A page or per_page that is not a
// positive number is replaced with its default; a per_page above maxPerPage is reduced to it.
func (c *call) pageRange(total int) (from, to int, info pageInfo) {
	page := max(queryInt(c.query, "page", 1), 1)
	perPage := queryInt(c.query, "per_page", defaultPerPage)
	if perPage < 1 {
		perPage = defaultPerPage
	}
	perPage = min(perPage, maxPerPage)
	last := max((total+perPage-1)/perPage, 1)

	info.Meta.Total = total
	if last > 1 {
		info.Links.Pages = c.pageLinks(page, last)
	}
	if page > last {
		return total, total, info
	}
	from = (page - 1) * perPage
	return from, min(from+perPage, total), info
}

func (c *call) pageLinks(page, last int) *pageLinks {
	var l pageLinks
	if page > 1 {
		l.First, l.Prev = c.pageURL(1), c.pageURL(min(page-1, last))
	}
	if page < last {
		l.Next, l.Last = c.pageURL(page+1), c.pageURL(last)
	}
	return &l
}

func (c *call) pageURL(page int) string {
	query := maps.Clone(c.query)
	query.Set("page", strconv.Itoa(page))
	return c.url(c.req.URL.Path) + "?" + query.Encode()
}

// queryInt returns a query parameter as a number, or fallback if it is not a number.
func queryInt(query url.Values, key string, fallback int) int {
	n, err := strconv.Atoi(query.Get(key))
	if err != nil {
		return fallback
	}
	return n
}

// paginate returns one page of a list with total items. It calls item for the items of the page only, because the lists can be long.
func paginate[T, R any](c *call, total int, item func(i int) T, root func([]T, pageInfo) R) (result, *apiError) {
	from, to, info := c.pageRange(total)
	items := make([]T, 0, to-from)
	for i := from; i < to; i++ {
		items = append(items, item(i))
	}
	return result{http.StatusOK, root(items, info)}, nil
}

// paginateSlice returns one page of a list.
func paginateSlice[T, R any](c *call, list []T, root func([]T, pageInfo) R) (result, *apiError) {
	return paginate(c, len(list), func(i int) T { return list[i] }, root)
}
