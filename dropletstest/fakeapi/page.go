package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// uiPrefix is the prefix of the paths that belong to the page. The page itself is at /.
const uiPrefix = "/_fake/ui/"

// page is the web page of the command. It passes all requests that are not for the page to next.
type page struct {
	server  *server
	next    http.Handler
	mux     *http.ServeMux
	notices notices
}

// newPage returns a handler that serves the page of a server and passes other requests to next, which serves the API and the
// control API.
func newPage(s *server, next http.Handler) http.Handler {
	p := &page{server: s, next: next, mux: http.NewServeMux()}
	p.mux.HandleFunc("GET /{$}", p.serveIndex)
	p.mux.HandleFunc("GET "+uiPrefix+"fragments", p.serveFragments)
	p.mux.HandleFunc("POST "+uiPrefix+"do", p.serveControl)
	for name, asset := range assets {
		p.mux.Handle("GET "+uiPrefix+name, asset)
	}
	return p
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isPageRequest(r) {
		p.next.ServeHTTP(w, r)
		return
	}
	setSecurityHeaders(w.Header())
	if err := p.server.guard.check(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	p.mux.ServeHTTP(w, r)
}

func isPageRequest(r *http.Request) bool {
	if r.URL.Path == "/" {
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	}
	return strings.HasPrefix(r.URL.Path, uiPrefix)
}

// contentSecurityPolicy allows only what the page itself has. An inline script or style would not run, even if a client could
// smuggle one into the page.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// index is the data of the template of the page.
type index struct {
	BaseURL   string
	Refresh   bool // without scripts, the browser reloads the page
	Fragments fragmentList
	Controls  []controlGroup
	Presets   []faultPreset
	Notice    *notice
}

// serveIndex serves the page. The query "refresh=off" switches off the reloading of browsers without scripts, "notice" shows
// the result of a control.
func (p *page) serveIndex(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	writeHTML(w, "index", index{
		BaseURL:   baseURL(r),
		Refresh:   query.Get("refresh") != "off",
		Fragments: p.fragments(r),
		Controls:  controlGroups,
		Presets:   faultPresets,
		Notice:    p.notices.get(query.Get("notice")),
	})
}

// serveFragments serves the fragments that differ from the versions in the query.
func (p *page) serveFragments(w http.ResponseWriter, r *http.Request) {
	writeHTML(w, "fragments", changed(p.fragments(r), r.URL.Query()))
}

func changed(all fragmentList, seen url.Values) fragmentList {
	var differ fragmentList
	for _, f := range all {
		if seen.Get(f.ID) != f.Version {
			differ = append(differ, f)
		}
	}
	return differ
}

func writeHTML(w http.ResponseWriter, template string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, template, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // an error means that the browser disconnected
}

// baseURL returns the URL at which the browser reached the fake.
func baseURL(r *http.Request) string { return (&url.URL{Scheme: "http", Host: r.Host}).String() }
