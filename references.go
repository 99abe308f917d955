package droplets

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ImageRef names an image by id or by slug: [ImageID], [ImageSlug], [ParseImageRef]. The zero value names none.
type ImageRef struct{ ref }

// ImageID names an image, a snapshot or a backup by its id.
func ImageID(id int64) ImageRef { return ImageRef{ref{id: id}} }

// ImageSlug names a public image by its slug, such as "ubuntu-24-04-x64".
func ImageSlug(slug string) ImageRef { return ImageRef{ref{text: slug}} }

// ParseImageRef reads what a person typed: digits alone are an id, anything else is a slug.
func ParseImageRef(s string) ImageRef { return ImageRef{parseRef(s)} }

// SSHKeyRef names an SSH key of the account by id or by fingerprint: [SSHKeyID], [SSHKeyFingerprint],
// [ParseSSHKeyRef]. The zero value names none.
type SSHKeyRef struct{ ref }

// SSHKeyID names an SSH key by its id.
func SSHKeyID(id int64) SSHKeyRef { return SSHKeyRef{ref{id: id}} }

// SSHKeyFingerprint names an SSH key by its fingerprint.
func SSHKeyFingerprint(fingerprint string) SSHKeyRef { return SSHKeyRef{ref{text: fingerprint}} }

// ParseSSHKeyRef reads what a person typed: digits alone are an id, anything else is a fingerprint.
func ParseSSHKeyRef(s string) SSHKeyRef { return SSHKeyRef{parseRef(s)} }

// ref is a number or a text on the wire. Decoding keeps which of the two it was: "123" stays a text.
type ref struct {
	id   int64
	text string
}

func parseRef(s string) ref {
	s = strings.TrimSpace(s)
	if isDigits(s) {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil {
			return ref{id: id}
		}
	}
	return ref{text: s}
}

func (r ref) check(field string) error {
	switch {
	case r == ref{}:
		return invalid(field, "must be set, to an id or to a text")
	case r.text != "":
		return checkText(field, r.text)
	default:
		return checkID(field, r.id)
	}
}

// IsZero reports whether the reference names nothing.
func (r ref) IsZero() bool { return r == ref{} }

// String is the id in digits, or the text.
func (r ref) String() string {
	if r.text != "" || r.id == 0 {
		return r.text
	}
	return strconv.FormatInt(r.id, 10)
}

// MarshalJSON writes a number for an id and a string otherwise.
func (r ref) MarshalJSON() ([]byte, error) {
	if r.text == "" && r.id != 0 {
		return strconv.AppendInt(nil, r.id, 10), nil
	}
	return json.Marshal(r.text)
}

// UnmarshalJSON takes a number as an id and a string as it is.
func (r *ref) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		r.id = 0
		return json.Unmarshal(b, &r.text)
	}
	*r = ref{}
	return json.Unmarshal(b, &r.id)
}
