package droplets

import (
	"net/url"
	"slices"
	"strings"
)

// resolve returns the URL of a caller's path, which is relative to the base URL, or of a link of the API, of which it uses the
// path and the query. It rejects what cannot be a path of the API.
func (p *pipeline) resolve(rawPath string) (*url.URL, error) {
	ref, err := url.Parse(rawPath)
	if err != nil {
		return nil, invalid(fieldPath, "must be a path relative to the base URL, such as v2/volumes, with a query at most")
	}
	p.stripHost(ref)
	if ref.Scheme != "" || ref.Host != "" || ref.User != nil || ref.Opaque != "" || ref.Fragment != "" {
		return nil, invalid(fieldPath, "must be a path relative to the base URL, such as v2/volumes, with a query at most, or a link of the API")
	}
	path, escaped := ref.Path, ref.EscapedPath()
	if strings.HasPrefix(escaped, "/") { // %2F is no slash between segments, and remains
		path, escaped = path[1:], escaped[1:]
	}
	if err := checkAPIPath(path); err != nil {
		return nil, err
	}
	u := *p.config.base
	u.RawPath = u.EscapedPath() + "/" + escaped
	u.Path += "/" + path
	u.RawQuery = ref.RawQuery
	return &u, nil
}

const fieldPath = "path"

// stripHost makes a link of the API relative to the base URL. The host in the API's links may differ from that of the base
// URL, behind a proxy. No request is sent to it.
func (p *pipeline) stripHost(ref *url.URL) {
	base := p.config.base
	if (ref.Scheme != "https" && ref.Scheme != "http") || ref.User != nil {
		return
	}
	switch {
	case strings.EqualFold(ref.Host, base.Host):
		ref.Path = strings.TrimPrefix(ref.Path, base.Path+"/")
		ref.RawPath = strings.TrimPrefix(ref.RawPath, base.EscapedPath()+"/")
	case !strings.EqualFold(ref.Host, defaultHost):
		return
	}
	ref.Scheme, ref.Host = "", ""
}

// checkAPIPath rejects a path that cannot be one of the API. An empty segment is most often a missing ID: DELETE of v2/x/ could
// mean the whole list.
func checkAPIPath(path string) error {
	segments := strings.Split(path, "/")
	if path == "" {
		return invalid(fieldPath, "must not be empty")
	}
	for _, segment := range segments {
		if isDots(segment) {
			return invalid(fieldPath, "must not contain %q", segment)
		}
		if strings.ContainsAny(segment, "\\\x00") {
			return invalid(fieldPath, "must not contain a backslash or a zero byte")
		}
	}
	switch {
	case !isVersion(segments[0]):
		return invalid(fieldPath, "must begin with the version of the API, such as v2/, got %q", oneLine(segments[0]))
	case len(segments) == 1:
		return invalid(fieldPath, "must name a resource after %s/", segments[0])
	case slices.Contains(segments, ""):
		return invalid(fieldPath, "must not have an empty segment: is an ID missing?")
	}
	return nil
}

// isVersion reports whether s is a version of the API, such as v2, which is the first segment of each of its paths.
func isVersion(s string) bool {
	number, found := strings.CutPrefix(s, "v")
	return found && isDigits(number)
}
