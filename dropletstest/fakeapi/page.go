package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// uiPrefix is the prefix of the paths that belong to the page. The page itself is at /.
const uiPrefix = "/_fake/ui/"

// page serves the web page of the command. It passes all other requests to next.
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

// contentSecurityPolicy allows only the files of the page. Even if a text of a client were not escaped, the browser would not run its
// scripts or apply its styles.
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
	Refresh   bool // browsers without scripts reload the page
	Fragments fragmentList
	Controls  []controlGroup
	Presets   []faultPreset
	Notice    *notice
}

// serveIndex serves the page. With the query parameter refresh=off, browsers without scripts do not reload it. The query parameter
// notice is the id of a notice to show.
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

// serveFragments serves the fragments whose versions differ from those in the query.
func (p *page) serveFragments(w http.ResponseWriter, r *http.Request) {
	writeHTML(w, "fragments", changed(p.fragments(r), r.URL.Query()))
}

func changed(all fragmentList, shown url.Values) (list fragmentList) {
	for _, f := range all {
		if shown.Get(f.ID) != f.Version {
			list = append(list, f)
		}
	}
	return list
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
