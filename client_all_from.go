package droplets

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
)

// AllFrom returns an iterator over a list of the API that this package does not wrap. It works like [DropletsService.All], with
// the same guarantee and the same errors.
//
//	volumes := droplets.AllFrom(ctx, c, "v2/volumes?region=nyc3", "volumes", func(v *Volume) string { return v.ID }, nil)
//
// path is that of [Client.NewRequest]. It may have a query, without page and per_page, which opts selects. root is the key of
// the items in the response; a response without it is an error. key returns the ID of an item, which identifies it among
// all items of the list. An item with the zero value as its ID is an error. The items are decoded by encoding/json.
func AllFrom[T any, K comparable](ctx context.Context, c *Client, path, root string, key func(*T) K, opts *ListOptions, co ...CallOption) iter.Seq2[T, error] {
	list, err := newCustomList(c, path, root, key != nil)
	if err != nil {
		return func(yield func(T, error) bool) {
			var none T
			yield(none, err)
		}
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[T], error) {
		document := listDocument[T]{key: root}
		if err := list.read(ctx, page, co, &document); err != nil {
			return nil, err
		}
		return newPage(document.Items, document.pageInfo, &page), nil
	}
	return all(ctx, opts.orDefault(), co, fetch, key)
}

// customList is a list of AllFrom.
type customList struct {
	client *Client
	url    *url.URL
}

func newCustomList(c *Client, path, root string, hasKey bool) (*customList, error) {
	switch {
	case c == nil:
		return nil, invalid("c", "must not be nil")
	case root == "":
		return nil, invalid("root", "must not be empty")
	case !hasKey:
		return nil, invalid("key", "must not be nil")
	}
	u, err := c.pipeline.resolve(path)
	if err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, invalid(fieldPath, "must have a valid query: %v", err)
	}
	for _, name := range []string{queryPage, queryPerPage} {
		if query.Has(name) {
			return nil, invalid(fieldPath, "must not have %s in its query: opts selects the page", name)
		}
	}
	return &customList{client: c, url: u}, nil
}

const (
	queryPage    = "page"
	queryPerPage = "per_page"
)

// read requests one page.
func (l *customList) read(ctx context.Context, page ListOptions, co []CallOption, document root) error {
	opts, err := newCallOptions(co)
	if err == nil {
		err = page.check()
	}
	if err == nil && len(opts.bodyFields) > 0 {
		err = invalid(fieldWithBodyField, "must not be used for a list")
	}
	if err != nil {
		return err
	}
	u := *l.url
	query := u.Query()
	query.Set(queryPage, strconv.Itoa(page.Page))
	query.Set(queryPerPage, strconv.Itoa(page.PerPage))
	u.RawQuery = query.Encode()
	r := l.client.newCustomRequest(http.MethodGet, &u, opts)
	r.header = opts.header
	return l.client.runCustom(ctx, r, document)
}

// listDocument is a response that has a list under a key of the caller's.
type listDocument[T any] struct {
	Items []T
	pageInfo
	key string
}

func (v *listDocument[T]) missing() string { return missingIf(v.Items == nil, v.key) }

// UnmarshalJSON decodes the items and the links.
func (v *listDocument[T]) UnmarshalJSON(b []byte) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &v.pageInfo); err != nil {
		return err
	}
	items, there := parts[v.key]
	if !there {
		return nil
	}
	if err := checkDensity(items, &v.Items); err != nil {
		return err
	}
	if err := json.Unmarshal(items, &v.Items); err != nil {
		return err
	}
	for i := range v.Items {
		switch item := reflect.ValueOf(&v.Items[i]).Elem(); item.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
			if item.IsNil() {
				return fmt.Errorf("item %d of %q is null", i+1, v.key)
			}
		default:
		}
	}
	return nil
}
