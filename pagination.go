package droplets

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/droplets-go/droplets/internal/jsonread"
	"github.com/google/go-querystring/query"
)

// maxPerPage is the largest page that the API returns.
const maxPerPage = 200

// ListOptions selects a page of a list. The zero value and nil select the first page of 20 items.
type ListOptions struct {
	// Page is the number of the page, starting with 1; 0 is the first page.
	Page int `url:"page,omitempty"`
	// PerPage is the number of items per page, 1 to 200. 0 means 20 for List methods and 200 for All methods.
	PerPage int `url:"per_page,omitempty"`
}

func (o *ListOptions) orDefault() ListOptions {
	if o == nil {
		return ListOptions{}
	}
	return *o
}

func (o *ListOptions) check() error {
	if o.Page < 0 {
		return invalid("Page", "must not be negative, got %d", o.Page)
	}
	if o.PerPage < 0 || o.PerPage > maxPerPage {
		return invalid("PerPage", "must be 1 to %d, got %d", maxPerPage, o.PerPage)
	}
	return nil
}

func (o *ListOptions) values() (url.Values, error) {
	if o == nil || *o == (ListOptions{}) {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return query.Values(o)
}

// Page is one page of a list.
type Page[T any] struct {
	// Items are the items of the page; never nil.
	Items []T
	// Total is the number of items on all pages.
	Total int
	// NextPage is the number of the next page; 0 on the last page.
	NextPage int
	// PrevPage is the number of the previous page; 0 on the first page, and if the response does not contain it.
	PrevPage int
	// LastPage is the number of the last page.
	LastPage int

	// skipped is the number of null items of the response, which Total may count.
	skipped int
}

// newPage reads the page numbers in the links. It does not use their host or path.
func newPage[T any](items []T, info pageInfo, opts *ListOptions) *Page[T] {
	requested := opts.orDefault()
	current, perPage := max(requested.Page, 1), requested.PerPage
	if perPage == 0 {
		perPage = 20
	}
	links := info.Links.Pages
	p := &Page[T]{Items: items, Total: max(info.Meta.Total, 0)}
	p.NextPage = pageNumber(links.Next)
	// There is a next page even if the link has no page number, or if this page is full and the total is larger.
	longer := len(items) >= perPage && (p.Total-1)/perPage >= current
	if p.NextPage == 0 && (links.Next != "" || longer) {
		p.NextPage = current + 1
	}
	p.PrevPage = pageNumber(links.Prev)
	p.LastPage = pageNumber(links.Last)
	if p.NextPage == 0 {
		p.LastPage = current
	} else if p.LastPage == 0 {
		p.LastPage = max((p.Total+perPage-1)/perPage, p.NextPage)
	}
	return p
}

// pageNumber returns the page number in a link, or 0.
func pageNumber(link string) int {
	u, err := url.Parse(link)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(u.Query().Get("page"))
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// pageInfo is the part of a response that describes the list. If the list has one page, links or its pages may be missing,
// null or empty.
type pageInfo struct {
	Links pageLinks `json:"links"`
	Meta  pageMeta  `json:"meta"`
}

// pageFields has a name of its own because roots embed pageInfo: a promoted method "fields" would skip their items.
func (v *pageInfo) pageFields(r *jsonread.Reader) {
	jsonread.Object(r, "links", &v.Links, (*pageLinks).fields)
	jsonread.Object(r, "meta", &v.Meta, (*pageMeta).fields)
}

type pageMeta struct {
	Total int `json:"total"`
}

func (v *pageMeta) fields(r *jsonread.Reader) { jsonread.Integer(r, "total", &v.Total) }

type pageLinks struct {
	Pages pageURLs `json:"pages"`
}

func (v *pageLinks) fields(r *jsonread.Reader) {
	jsonread.Object(r, "pages", &v.Pages, (*pageURLs).fields)
}

type pageURLs struct {
	First string `json:"first"`
	Prev  string `json:"prev"`
	Next  string `json:"next"`
	Last  string `json:"last"`
}

func (v *pageURLs) fields(r *jsonread.Reader) {
	jsonread.Text(r, "first", &v.First)
	jsonread.Text(r, "prev", &v.Prev)
	jsonread.Text(r, "next", &v.Next)
	jsonread.Text(r, "last", &v.Last)
}

// UnmarshalJSON treats any value but an object as no links: the OpenAPI document allows any value here.
func (v *pageLinks) UnmarshalJSON(b []byte) error {
	type plain pageLinks
	if !isObject(b) {
		return nil
	}
	return json.Unmarshal(b, (*plain)(v))
}

// UnmarshalJSON treats any value but an object as no links.
func (v *pageURLs) UnmarshalJSON(b []byte) error {
	type plain pageURLs
	if !isObject(b) {
		return nil
	}
	return json.Unmarshal(b, (*plain)(v))
}

func isObject(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) }
