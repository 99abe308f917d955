package droplets

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ImageRef identifies an image by ID or by slug; see [ImageID], [ImageSlug] and [ParseImageRef]. The zero value
// identifies no image.
type ImageRef struct{ ref }

// ImageID identifies an image, a snapshot or a backup by its ID.
func ImageID(id int64) ImageRef { return ImageRef{ref{id: id}} }

// ImageSlug identifies a public image by its slug, such as "ubuntu-24-04-x64".
func ImageSlug(slug string) ImageRef { return ImageRef{ref{text: slug}} }

// ParseImageRef parses user input: a string of digits is an ID, any other string is a slug. Space around it is ignored.
func ParseImageRef(s string) ImageRef { return ImageRef{parseRef(s)} }

// SSHKeyRef identifies an SSH key of the account by ID or by fingerprint; see [SSHKeyID], [SSHKeyFingerprint] and
// [ParseSSHKeyRef]. The zero value identifies no key.
type SSHKeyRef struct{ ref }

// SSHKeyID identifies an SSH key by its ID.
func SSHKeyID(id int64) SSHKeyRef { return SSHKeyRef{ref{id: id}} }

// SSHKeyFingerprint identifies an SSH key by its fingerprint.
func SSHKeyFingerprint(fingerprint string) SSHKeyRef { return SSHKeyRef{ref{text: fingerprint}} }

// ParseSSHKeyRef parses user input: a string of digits is an ID, any other string is a fingerprint. Space around it is
// ignored.
func ParseSSHKeyRef(s string) SSHKeyRef { return SSHKeyRef{parseRef(s)} }

// ref is a JSON number or a JSON string. Decoding preserves the kind: "123" remains a string.
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
		return invalid(field, "must be set to an ID or a text")
	case r.text != "":
		return checkText(field, r.text)
	default:
		return checkID(field, r.id)
	}
}

// IsZero reports whether the reference is the zero value.
func (r ref) IsZero() bool { return r == ref{} }

// String returns the ID in digits, or the text.
func (r ref) String() string {
	if r.text != "" || r.id == 0 {
		return r.text
	}
	return strconv.FormatInt(r.id, 10)
}

// MarshalJSON encodes an ID as a number and other references as a string.
func (r ref) MarshalJSON() ([]byte, error) {
	if r.text == "" && r.id != 0 {
		return strconv.AppendInt(nil, r.id, 10), nil
	}
	return json.Marshal(r.text)
}

// UnmarshalJSON decodes a number as an ID and a string as a slug or a fingerprint.
func (r *ref) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		r.id = 0
		return json.Unmarshal(b, &r.text)
	}
	*r = ref{}
	return json.Unmarshal(b, &r.id)
}
