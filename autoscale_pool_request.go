package droplets

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// AutoscalePoolRequest describes a new pool, or a pool after an update. All three fields are required. Fields of Config and
// DropletTemplate with the zero value are not sent.
//
// fmt and slog print a request without the user data of its template. encoding/json encodes exactly what is sent, and decodes
// it again or returns an error. Redaction does not apply if fmt or slog bypass these methods: for a request in an
// unexported field of another struct, and in a slice that slog encodes as JSON.
type AutoscalePoolRequest struct {
	// Name is the display name.
	Name string
	// Config is the fixed number of Droplets, or the limits and targets by which the API scales the pool.
	Config AutoscaleConfig
	// DropletTemplate describes the Droplets that the API creates for the pool.
	DropletTemplate AutoscaleDropletTemplate
}

// AutoscaleDropletTemplate describes the Droplets of a pool. Region, Size, Image and SSHKeys are required. The fields are like
// those of [DropletCreateRequest], except that the image and the keys are strings.
//
// fmt and slog print a template without UserData, with the exceptions of [AutoscalePoolRequest].
type AutoscaleDropletTemplate struct {
	// Name is the prefix of the names of the Droplets; if it is empty, the API chooses one.
	Name string `json:"name"`
	// Region is the slug of the region, such as "nyc3".
	Region string `json:"region"`
	// Size is the slug of the size, such as "s-1vcpu-1gb".
	Size string `json:"size"`
	// Image is the slug of the image, such as "ubuntu-24-04-x64", or its ID in digits.
	Image string `json:"image"`
	// SSHKeys are the fingerprints, or the IDs in digits, of the keys that may log in as root.
	SSHKeys []string `json:"ssh_keys"`
	// Tags are the tags of the Droplets.
	Tags []string `json:"tags,omitzero"`
	// VPCUUID is the ID of the VPC network to join; empty for the region's default network.
	VPCUUID string `json:"vpc_uuid,omitzero"`
	// WithDropletAgent controls the agent for the web console; nil installs it if the image supports it.
	WithDropletAgent *bool `json:"with_droplet_agent,omitzero"`
	// ProjectID is the UUID of the project that the Droplets belong to; empty for the account's default project.
	ProjectID string `json:"project_id,omitzero"`
	// IPv6 adds a public IPv6 address.
	IPv6 bool `json:"ipv6"`
	// UserData configures the first boot, often as a cloud-config file: plain text of at most 64 KiB. It may contain
	// secrets and is never printed.
	UserData string `json:"user_data,omitzero"`
	// PublicNetworking is false for Droplets without public addresses; nil means true.
	PublicNetworking *bool `json:"public_networking,omitzero"`
}

// redacted returns the template without its user data.
func (t AutoscaleDropletTemplate) redacted() AutoscaleDropletTemplate {
	t.UserData = redactedUserData(t.UserData)
	return t
}

func (r AutoscalePoolRequest) check() error {
	if err := checkText("Name", r.Name); err != nil {
		return err
	}
	if err := r.Config.check("Config"); err != nil {
		return err
	}
	return r.DropletTemplate.check("DropletTemplate.")
}

// check rejects values that can never be valid. The API validates the rest. prefix is that of the field names in errors.
func (t AutoscaleDropletTemplate) check(prefix string) error {
	for _, required := range []struct{ field, value string }{{"Region", t.Region}, {"Size", t.Size}, {"Image", t.Image}} {
		if err := checkText(prefix+required.field, required.value); err != nil {
			return err
		}
	}
	if len(t.SSHKeys) == 0 {
		return invalid(prefix+"SSHKeys", "must not be empty: the API requires an SSH key for the Droplets of a pool")
	}
	if err := checkEach(prefix+"SSHKeys", t.SSHKeys); err != nil {
		return err
	}
	if err := checkEach(prefix+"Tags", t.Tags); err != nil {
		return err
	}
	if t.IPv6 && t.PublicNetworking != nil && !*t.PublicNetworking {
		return invalid(prefix+"IPv6", "requires PublicNetworking to be nil or true")
	}
	return checkUserData(prefix+"UserData", t.UserData)
}

// String returns the template as JSON, without UserData.
func (t AutoscaleDropletTemplate) String() string {
	type plain AutoscaleDropletTemplate
	return jsonText(plain(t.redacted()))
}

// Format writes what String returns, for every verb.
func (t AutoscaleDropletTemplate) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// LogValue returns what String returns.
func (t AutoscaleDropletTemplate) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String returns the request as JSON, without UserData.
func (r AutoscalePoolRequest) String() string {
	r.DropletTemplate = r.DropletTemplate.redacted()
	return jsonText(r.wire())
}

// Format writes what String returns, for every verb.
func (r AutoscalePoolRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue returns what String returns.
func (r AutoscalePoolRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// autoscalePoolWire is the body of a create and of an update. Fields that the caller did not set are left out, and none is
// null.
type autoscalePoolWire struct {
	Name            string                `json:"name"`
	Config          AutoscaleConfig       `json:"config"`
	DropletTemplate autoscaleTemplateWire `json:"droplet_template"`
}

// autoscaleTemplateWire has the fields of AutoscaleDropletTemplate in the same order, so that values can be converted.
type autoscaleTemplateWire struct {
	Name             string   `json:"name,omitempty"`
	Region           string   `json:"region"`
	Size             string   `json:"size"`
	Image            string   `json:"image"`
	SSHKeys          []string `json:"ssh_keys,omitempty"`
	Tags             []string `json:"tags,omitempty"`
	VPCUUID          string   `json:"vpc_uuid,omitempty"`
	WithDropletAgent *bool    `json:"with_droplet_agent,omitempty"`
	ProjectID        string   `json:"project_id,omitempty"`
	IPv6             bool     `json:"ipv6,omitempty"`
	UserData         string   `json:"user_data,omitempty"`
	PublicNetworking *bool    `json:"public_networking,omitempty"`
}

func (r AutoscalePoolRequest) wire() autoscalePoolWire {
	return autoscalePoolWire{Name: r.Name, Config: r.Config, DropletTemplate: autoscaleTemplateWire(r.DropletTemplate)}
}

// request inverts wire.
func (w *autoscalePoolWire) request() (AutoscalePoolRequest, error) {
	return AutoscalePoolRequest{Name: w.Name, Config: w.Config, DropletTemplate: AutoscaleDropletTemplate(w.DropletTemplate)}, nil
}

// MarshalJSON returns exactly the body that is sent, including UserData.
func (r AutoscalePoolRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns. It rejects a document that the request would not keep completely, such as one
// with an unknown field, and then leaves the request unchanged.
func (r *AutoscalePoolRequest) UnmarshalJSON(b []byte) error {
	return decodeRequest(b, r, (*autoscalePoolWire).request, func(r AutoscalePoolRequest) any { return r.wire() })
}
