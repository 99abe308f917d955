package main

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// The largest numbers of items that the page shows.
const (
	shownDroplets = 100
	shownActions  = 20
	shownRequests = 50
	shownFaults   = 20
)

// fragment is a part of the page that changes. The script of the page replaces it if its version differs.
type fragment struct {
	ID      string
	Version string
	HTML    template.HTML
}

// fragmentList is a list of fragments in the order of the page.
type fragmentList []fragment

// Named returns the fragment with an id, which must exist.
func (l fragmentList) Named(id string) fragment {
	return l[slices.IndexFunc(l, func(f fragment) bool { return f.ID == id })]
}

// fragments renders the parts of the page that change.
func (p *page) fragments(r *http.Request) fragmentList {
	current := p.server.current.Load()
	o := current.api.Overview(dropletstest.OverviewOptions{Droplets: shownDroplets, Actions: shownActions, Requests: shownRequests})
	example := curlExample{BaseURL: baseURL(r), Token: exampleToken(current.settings.Token)}
	return fragmentList{
		newFragment("summary", newSummary(o, current.api.Clock().Manual(), time.Now())),
		newFragment("planned", newPlanned(o)),
		newFragment("droplets", newDropletList(o, example)),
		newFragment("actions", newActionList(o)),
		newFragment("requests", newRequestList(o, example)),
	}
}

// newFragment renders the template with the name id.
func newFragment(id string, data any) fragment {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, id, data); err != nil {
		panic(err) // a mistake in a template, which the tests find
	}
	return fragment{ID: id, Version: hash(b.Bytes()), HTML: template.HTML(b.Bytes())} //nolint:gosec // escaped by the template
}

// curlExample is the data of the example commands that the page shows instead of an empty list.
type curlExample struct{ BaseURL, Token string }

// exampleToken returns the token in the example commands. The page never shows the token of -token.
func exampleToken(accepted string) string {
	if accepted == "" {
		return dropletstest.Token
	}
	return "$TOKEN"
}
