package droplets

import (
	"net/http"
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
	if err := checkSegments(fieldPath, path); err != nil {
		return err
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

// checkSegments rejects a path that a server or a proxy could treat as another one.
func checkSegments(field, path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		if isDots(segment) {
			return invalid(field, "must not contain %q", segment)
		}
	}
	if strings.ContainsAny(path, "\\\x00") {
		return invalid(field, "must not contain a backslash or a zero byte")
	}
	return nil
}

// isBelow reports whether u is the base URL or below it. The paths are compared as they are sent: a server that does not decode
// %2F has different paths.
func isBelow(u, base *url.URL) bool {
	rest, found := strings.CutPrefix(u.EscapedPath(), base.EscapedPath())
	return u.Scheme == base.Scheme && u.Host == base.Host && u.Opaque == "" && found && (rest == "" || rest[0] == '/')
}

// checkDeleteByTag rejects a DELETE of Droplets by tag without a tag, for example because a variable is empty. The API requires
// tag_name. It does not document what is deleted without it.
func (p *pipeline) checkDeleteByTag(field, method string, u *url.URL) error {
	path := strings.TrimPrefix(u.Path, p.config.base.Path)
	segments := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if method != http.MethodDelete || !slices.Equal(segments, []string{"v2", "droplets"}) {
		return nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	isBlank := func(tag string) bool { return strings.TrimSpace(tag) == "" }
	if tags := query["tag_name"]; err != nil || len(tags) == 0 || slices.ContainsFunc(tags, isBlank) {
		return invalid(field, "must have a tag_name that is not blank: DELETE of v2/droplets deletes all Droplets with the tag")
	}
	return nil
}

// isVersion reports whether s is a version of the API, such as v2, which is the first segment of each of its paths.
func isVersion(s string) bool {
	number, found := strings.CutPrefix(s, "v")
	return found && isDigits(number)
}
