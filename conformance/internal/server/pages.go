package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// completeList turns the example of a list, which is one page of a longer list, into a complete list: page 1 has its items, each
// once, page 2 has none, the total is the number of items, and the links point to this server.
func completeList(r *http.Request, body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var list map[string]any
	if err := d.Decode(&list); err != nil {
		return body, nil //nolint:nilerr // an example that is not an object has no pages
	}
	links, _ := list["links"].(map[string]any)
	pages, _ := links["pages"].(map[string]any)
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	meta, _ := list["meta"].(map[string]any)
	for name, v := range list {
		if items, ok := v.([]any); ok && meta != nil {
			items = unique(items)
			meta["total"] = len(items)
			list[name] = items
			if page > 1 {
				list[name] = []any{}
			}
		}
	}
	switch {
	case page > 1 && links != nil:
		links["pages"] = map[string]any{"first": pageLink(r, 1), "prev": pageLink(r, page-1)}
	case pages["next"] != nil:
		links["pages"] = map[string]any{"next": pageLink(r, 2), "last": pageLink(r, 2)}
	}
	return json.Marshal(list)
}

// unique removes the items whose ID occurs earlier in the list.
func unique(items []any) []any {
	seen := make(map[any]bool)
	return slices.DeleteFunc(items, func(v any) bool {
		item, _ := v.(map[string]any)
		id, known := item["id"]
		again := known && seen[id]
		seen[id] = true
		return again
	})
}

func pageLink(r *http.Request, page int) string {
	q := r.URL.Query()
	q.Set("page", strconv.Itoa(page))
	link := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: q.Encode()}
	return link.String()
}
