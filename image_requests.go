package droplets

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// CustomImageCreateRequest describes an image to import. Name, URL and Region are required. Other fields with the zero value
// are not sent.
//
// The URL can contain secrets: a user and a password, or a signature in its query or its fragment. fmt and slog print the
// request without them, and without a URL that is not valid. Errors do not contain the user, the password, the query, the
// fragment, or a value in the last two, if it has at least eight bytes. encoding/json encodes exactly what is sent.
type CustomImageCreateRequest struct {
	// Name is the display name.
	Name string `json:"name,omitempty"`
	// URL is the http or https address from which the API downloads the image. The format of the file is raw, qcow2, VHDX, VDI
	// or VMDK. It may be compressed with gzip or bzip2. Its decompressed size must be below 100 GB.
	URL string `json:"url,omitempty"`
	// Region is the slug of the region in which the image is stored.
	Region string `json:"region,omitempty"`
	// Distribution is the name of the operating system, such as "Ubuntu", "Debian", "Fedora" or "Rocky Linux". The API replaces
	// a name that it does not support with "Unknown".
	Distribution string `json:"distribution,omitempty"`
	// Description is a free-text description.
	Description string `json:"description,omitempty"`
	// Tags are the tags of the image. Tags that do not exist are created. The token needs the scope tag:create.
	Tags []string `json:"tags,omitempty"`
}

// ImageUpdateRequest changes an image. At least one field is required. Fields with the zero value are not sent, and the API
// does not change them. Therefore a description can be replaced but not removed.
type ImageUpdateRequest struct {
	// Name is the new display name.
	Name string `json:"name,omitempty"`
	// Distribution is the new name of the operating system of a custom image; see [CustomImageCreateRequest].
	Distribution string `json:"distribution,omitempty"`
	// Description is the new free-text description.
	Description string `json:"description,omitempty"`
}

// TransferRequest copies an image to another region.
type TransferRequest struct {
	// Region is the slug of the region in which the image becomes available, in addition to its other regions.
	Region string
}

// imageActionWire is the body of the actions on images.
type imageActionWire struct {
	Type   ActionType `json:"type"`
	Region string     `json:"region,omitempty"`
}

// fieldNames returns the names of the fields that an action of this type has.
func (w imageActionWire) fieldNames() []string {
	if w.Type == ActionTypeTransfer {
		return []string{"type", "region"}
	}
	return []string{"type"}
}

func (r CustomImageCreateRequest) check() error {
	if err := checkText("Name", r.Name); err != nil {
		return err
	}
	if err := r.checkURL(); err != nil {
		return err
	}
	if err := checkText("Region", r.Region); err != nil {
		return err
	}
	return checkEach("Tags", r.Tags)
}

// checkURL rejects a URL that is not absolute. The error does not repeat the URL, which may contain a secret.
func (r CustomImageCreateRequest) checkURL() error {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return invalid("URL", "must be an http or https URL with a host")
	}
	return nil
}

// secrets returns the parts of the URL that can be secret: the user, the password, the query, the fragment, and each value in the
// last two, in all forms in which a response may repeat them.
func (r CustomImageCreateRequest) secrets() (all []string) {
	_, rest, _ := strings.Cut(r.URL, "://")
	if strings.Contains(rest, "@") { // also for a password that ends the authority for a parser, such as one with a slash
		all = append(all, rest)
	}
	address, fragment, _ := strings.Cut(rest, "#")
	address, query, _ := strings.Cut(address, "?")
	authority, _, _ := strings.Cut(address, "/")
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		all = slices.Concat(all, urlForms(authority[:i]), urlForms(user), urlForms(password))
	}
	for _, part := range []string{query, fragment} {
		all = append(all, urlForms(part)...)
		for field := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == '&' || r == ';' }) {
			name, value, named := strings.Cut(field, "=")
			if !named {
				value = name
			}
			all = append(all, urlForms(value)...)
		}
	}
	return all
}

// urlForms returns a part of a URL as it is, decoded, and with the escapes of other encoders.
func urlForms(part string) []string {
	forms := []string{part}
	for _, decode := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
		if decoded, err := decode(part); err == nil {
			forms = append(forms, decoded, url.PathEscape(decoded), url.QueryEscape(decoded))
		}
	}
	return slices.Compact(forms)
}

// printedURL returns the URL without the parts that can be secret: nothing of an invalid URL, and only the scheme of one with an
// "@", because the text before the "@" can be a password even if a parser takes it for a host or a path.
func (r CustomImageCreateRequest) printedURL() string {
	scheme, rest, _ := strings.Cut(r.URL, "://")
	switch {
	case r.URL == "":
		return ""
	case r.checkURL() != nil:
		return redacted
	case strings.Contains(rest, "@"):
		return scheme + "://" + redacted
	}
	if i := strings.IndexAny(r.URL, "?#"); i >= 0 && i+1 < len(r.URL) {
		return r.URL[:i+1] + redacted
	}
	return r.URL
}

// String returns the request as JSON. The parts of the URL that can be secret are replaced with "REDACTED", and all of a URL that
// is not valid.
func (r CustomImageCreateRequest) String() string {
	type plain CustomImageCreateRequest
	r.URL = r.printedURL()
	b, err := json.Marshal(plain(r))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}

// Format prints what String returns, for every verb.
func (r CustomImageCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue returns what String returns, so that slog does not print secrets.
func (r CustomImageCreateRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (r ImageUpdateRequest) check() error {
	if r == (ImageUpdateRequest{}) {
		return invalid("req", "must change at least one of Name, Distribution and Description")
	}
	if r.Name != "" {
		return checkText("Name", r.Name)
	}
	return nil
}

func (r TransferRequest) check() error { return checkText("Region", r.Region) }

func (r TransferRequest) wire() imageActionWire {
	return imageActionWire{Type: ActionTypeTransfer, Region: r.Region}
}

// UnmarshalJSON decodes a stored request. It rejects a document with anything that the request cannot hold, such as an
// unknown field.
func (r *CustomImageCreateRequest) UnmarshalJSON(b []byte) error {
	type plain CustomImageCreateRequest
	build := func(p *plain) (CustomImageCreateRequest, error) { return CustomImageCreateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r CustomImageCreateRequest) any { return plain(r) })
}

// UnmarshalJSON decodes a stored request. It rejects a document with anything that the request cannot hold, such as an
// unknown field.
func (r *ImageUpdateRequest) UnmarshalJSON(b []byte) error {
	type plain ImageUpdateRequest
	build := func(p *plain) (ImageUpdateRequest, error) { return ImageUpdateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r ImageUpdateRequest) any { return plain(r) })
}

// MarshalJSON returns exactly what is sent.
func (r TransferRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects any other document.
func (r *TransferRequest) UnmarshalJSON(b []byte) error {
	build := func(w *imageActionWire) (TransferRequest, error) {
		if w.Type != ActionTypeTransfer {
			return TransferRequest{}, fmt.Errorf("its type is %q, not %q", oneLine(string(w.Type)), ActionTypeTransfer)
		}
		return TransferRequest{Region: w.Region}, nil
	}
	return decodeRequest(b, r, build, func(r TransferRequest) any { return r.wire() })
}
