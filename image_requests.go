package droplets

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// CustomImageCreateRequest describes an image to import. Name, URL and Region are required. Other fields with the zero value
// are not sent.
//
// The query and the user of the URL can be a signature and a password. fmt and slog print the request without them, and errors
// do not contain them, as with the UserData of a [DropletCreateRequest]. encoding/json encodes exactly what is sent.
type CustomImageCreateRequest struct {
	// Name is the display name.
	Name string `json:"name,omitempty"`
	// URL is the http or https address from which the API downloads the image. The file has the format raw, qcow2, VHDX, VDI or
	// VMDK, may be compressed with gzip or bzip2, and has less than 100 GB after it was decompressed.
	URL string `json:"url,omitempty"`
	// Region is the slug of the region in which the image is stored.
	Region string `json:"region,omitempty"`
	// Distribution is the name of the operating system, such as "Ubuntu", "Debian", "Fedora" or "Rocky Linux". The API replaces
	// a name that it does not have with "Unknown".
	Distribution string `json:"distribution,omitempty"`
	// Description is a free-text description.
	Description string `json:"description,omitempty"`
	// Tags are the tags of the image. Tags that do not exist are created. The token needs the scope tag:create.
	Tags []string `json:"tags,omitempty"`
}

// ImageUpdateRequest changes an image. At least one field is required. Fields with the zero value are not sent and stay as
// they are, so that a description can be replaced but not removed.
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
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return invalid("URL", "must be an http or https URL with a host") // without the URL, which may contain a secret
	}
	if err := checkText("Region", r.Region); err != nil {
		return err
	}
	return checkEach("Tags", r.Tags)
}

// secret returns the part of the URL that may give access to the image.
func (r CustomImageCreateRequest) secret() string {
	if _, rest, ok := strings.Cut(r.URL, "://"); ok {
		if authority, _, _ := strings.Cut(rest, "/"); strings.Contains(authority, "@") {
			return rest
		}
	}
	_, query, _ := strings.Cut(r.URL, "?")
	return query
}

// String is the request as JSON without the secret of the URL.
func (r CustomImageCreateRequest) String() string {
	type plain CustomImageCreateRequest
	if secret := r.secret(); secret != "" {
		r.URL = strings.TrimSuffix(r.URL, secret) + redacted
	}
	b, err := json.Marshal(plain(r))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}

// Format hides the secret of the URL, whatever the verb.
func (r CustomImageCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue hides the secret of the URL from slog.
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

// UnmarshalJSON decodes a stored request and rejects what it would lose, such as an unknown field.
func (r *CustomImageCreateRequest) UnmarshalJSON(b []byte) error {
	type plain CustomImageCreateRequest
	build := func(p *plain) (CustomImageCreateRequest, error) { return CustomImageCreateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r CustomImageCreateRequest) any { return plain(r) })
}

// UnmarshalJSON decodes a stored request and rejects what it would lose, such as an unknown field.
func (r *ImageUpdateRequest) UnmarshalJSON(b []byte) error {
	type plain ImageUpdateRequest
	build := func(p *plain) (ImageUpdateRequest, error) { return ImageUpdateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r ImageUpdateRequest) any { return plain(r) })
}

// MarshalJSON returns exactly what is sent.
func (r TransferRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *TransferRequest) UnmarshalJSON(b []byte) error {
	build := func(w *imageActionWire) (TransferRequest, error) {
		if w.Type != ActionTypeTransfer {
			return TransferRequest{}, fmt.Errorf("its type is %q, not %q", oneLine(string(w.Type)), ActionTypeTransfer)
		}
		return TransferRequest{Region: w.Region}, nil
	}
	return decodeRequest(b, r, build, func(r TransferRequest) any { return r.wire() })
}
