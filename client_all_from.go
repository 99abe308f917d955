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
// path is a path as for [Client.NewRequest]. It may have a query, but not the parameters page and per_page: use opts for these.
// root is the key of the items in the response; a response without it is an error. key returns the ID of an item, which must
// be unique in the list; an item for which it returns the zero value is an error. The items are decoded by encoding/json. If
// an argument is invalid, the iterator yields an [*ArgumentError].
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

// customList is a list that AllFrom reads.
type customList struct {
	client *Client
	url    *url.URL
}

// newCustomList checks the arguments of AllFrom.
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
			return nil, invalid(fieldPath, "must not have %s in its query: use opts", name)
		}
	}
	return &customList{client: c, url: u}, nil
}

const (
	queryPage    = "page"
	queryPerPage = "per_page"
)

// read requests one page and decodes it into document.
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

// listDocument is the root of a response with a list under the key that AllFrom was given.
type listDocument[T any] struct {
	Items []T
	pageInfo
	key string
}

func (v *listDocument[T]) missing() string { return missingIf(v.Items == nil, v.key) }

// UnmarshalJSON decodes the items, the links and the total. An item that is null is an error: the function key of AllFrom could
// not read it.
func (v *listDocument[T]) UnmarshalJSON(b []byte) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &v.pageInfo); err != nil {
		return err
	}
	items, ok := parts[v.key]
	if !ok {
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
