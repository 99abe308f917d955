package droplets

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/google/go-querystring/query"
)

// maxPerPage is the most that the API puts on a page.
const maxPerPage = 200

// ListOptions selects the page of a list. The zero value, and nil, is the first page of 20.
type ListOptions struct {
	// Page is the number of the page, from 1 on; 0 is the first.
	Page int `url:"page,omitempty"`
	// PerPage is how many items a page has, 1 to 200; 0 is 20 for a List and 200 for an All.
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
	// Items are what the page holds; empty, never nil, when that is nothing.
	Items []T
	// Total is how many items the list has on all its pages.
	Total int
	// NextPage is the number of the page after this one; 0 on the last page.
	NextPage int
	// PrevPage is the number of the page before this one; 0 on the first page, and where the API does not say.
	PrevPage int
	// LastPage is the number of the last page.
	LastPage int
}

// pageInfo is what every paged answer says of the list. The links object, or its pages, is missing, null or empty
// where there is one page.
type pageInfo struct {
	Links linksObject `json:"links"`
	Meta  struct {
		Total int `json:"total"`
	} `json:"meta"`
}

type linksObject struct {
	Pages pagesObject `json:"pages"`
}

type pagesObject struct {
	First string `json:"first"`
	Prev  string `json:"prev"`
	Next  string `json:"next"`
	Last  string `json:"last"`
}

// UnmarshalJSON takes anything but an object for no links: the API's document allows anything here.
func (l *linksObject) UnmarshalJSON(b []byte) error {
	type plain linksObject
	if !isObject(b) {
		return nil
	}
	return json.Unmarshal(b, (*plain)(l))
}

// UnmarshalJSON takes anything but an object for no links.
func (p *pagesObject) UnmarshalJSON(b []byte) error {
	type plain pagesObject
	if !isObject(b) {
		return nil
	}
	return json.Unmarshal(b, (*plain)(p))
}

func isObject(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) }

// newPage takes page numbers out of the links and nothing else: neither their host nor their path is ever used.
func newPage[T any](items []T, info pageInfo, opts *ListOptions) *Page[T] {
	asked := opts.orDefault()
	current, perPage := max(asked.Page, 1), asked.PerPage
	if perPage == 0 {
		perPage = 20
	}
	links := info.Links.Pages
	p := &Page[T]{Items: items, Total: max(info.Meta.Total, 0)}
	p.NextPage = pageNumber(links.Next)
	// A link that names no page, and a full page of a list that is longer, still have a page after them: to end the
	// list there would lose items.
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

// pageNumber reads the page out of a link; 0 when there is none.
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
