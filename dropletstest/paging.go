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

// pageInfo is what a paged answer says of the list. Links is empty where there is one page; only the first page has no
// first and prev, only the last no next and last.
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

// page tells which items of a list the request asks for. What is not a number or too small is the default, and a page
// that is too large is as large as it can be.
func (c *call) page(total int) (from, to int, info pageInfo) {
	page := max(number(c.query, "page", 1), 1)
	perPage := number(c.query, "per_page", defaultPerPage)
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
	if query == nil {
		query = make(url.Values, 1)
	}
	query.Set("page", strconv.Itoa(page))
	return c.url(c.req.URL.Path) + "?" + query.Encode()
}

// url makes a link to where the request came from, so that whoever follows it comes back here.
func (c *call) url(path string) string {
	u := url.URL{Scheme: "http", Host: c.req.Host, Path: path}
	switch {
	case c.req.URL.Scheme != "":
		u.Scheme = c.req.URL.Scheme
	case c.req.TLS != nil:
		u.Scheme = "https"
	}
	return u.String()
}

func number(query url.Values, key string, otherwise int) int {
	n, err := strconv.Atoi(query.Get(key))
	if err != nil {
		return otherwise
	}
	return n
}

// paged answers with one page of a list whose items the operation makes one by one.
func paged[T, R any](c *call, total int, item func(i int) T, root func([]T, pageInfo) R) (answer, *refusal) {
	from, to, info := c.page(total)
	items := make([]T, 0, to-from)
	for i := from; i < to; i++ {
		items = append(items, item(i))
	}
	return answer{http.StatusOK, root(items, info)}, nil
}
