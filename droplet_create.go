package droplets

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// DropletCreateRequest describes a new Droplet. Name, Size and Image are required. Other fields with the zero value are not
// sent, and the API uses its defaults.
//
// fmt and slog print a request without UserData. encoding/json encodes exactly what is sent, and decodes it again or returns
// an error. Redaction does not apply if fmt or slog bypass these methods: for a request in an unexported field of another
// struct, and in a slice that slog encodes as JSON.
//
// Do not embed a request in a struct to add a field: encoding/json would encode the request alone and leave the field out. Use
// [WithBodyField].
type DropletCreateRequest struct {
	// Name is the display name and the host name: letters, digits, dots and dashes, up to 255 of them.
	Name string
	// Region is a slug such as "nyc3", or a prefix such as "nyc" for any of its datacenters; empty for any region.
	Region string
	// Size is the slug of the size, such as "s-1vcpu-1gb".
	Size string
	// Image is the image to create the Droplet from: [ImageSlug] or [ImageID].
	Image ImageRef
	// SSHKeys are the keys that may log in as root: [SSHKeyID] or [SSHKeyFingerprint]. They must be in the account.
	SSHKeys []SSHKeyRef
	// Backups enables backups, which are billed.
	Backups bool
	// BackupPolicy sets when backups are created; nil for daily backups. It requires Backups.
	BackupPolicy *BackupPolicy
	// IPv6 adds a public IPv6 address.
	IPv6 bool
	// Monitoring installs the metrics agent.
	Monitoring bool
	// Tags are the tags of the Droplet. Tags that do not exist are created.
	Tags []string
	// Volumes are the IDs of volumes to attach, from the same region.
	Volumes []string
	// UserData configures the first boot, often as a cloud-config file: plain text of at most 64 KiB. It may contain
	// secrets and is never printed.
	UserData string
	// VPCUUID is the VPC network to join; empty for the region's default network.
	VPCUUID string
	// SubnetUUID is the subnet of the VPC network to join; empty to let the API choose.
	SubnetUUID string
	// GPUPartitionMode partitions the GPUs; empty for the default of the size. [GPUInfo] of the size has the supported modes.
	GPUPartitionMode GPUPartitionMode
	// WithDropletAgent controls the agent for the web console. nil installs it if the image supports it. With true, the create
	// fails if the image does not support it. false does not install it.
	WithDropletAgent *bool
	// PublicNetworking is false for a Droplet without public addresses, which is permanent; nil means true.
	PublicNetworking *bool
}

// DropletMultiCreateRequest describes new Droplets that differ only in their names. The other fields are those of
// [DropletCreateRequest]. The API accepts up to ten names; [DropletsService.CreateMultipleAndWait] and
// [DropletsService.EnsureMultiple] split a longer list over several requests.
type DropletMultiCreateRequest struct {
	// Names are the display names, one for each Droplet.
	Names []string
	// Region is a slug such as "nyc3", or a prefix such as "nyc" for any of its datacenters; empty for any region.
	Region string
	// Size is the slug of the size, such as "s-1vcpu-1gb".
	Size string
	// Image is the image to create the Droplets from: [ImageSlug] or [ImageID].
	Image ImageRef
	// SSHKeys are the keys that may log in as root: [SSHKeyID] or [SSHKeyFingerprint]. They must be in the account.
	SSHKeys []SSHKeyRef
	// Backups enables backups, which are billed.
	Backups bool
	// BackupPolicy sets when backups are created; nil for daily backups. It requires Backups.
	BackupPolicy *BackupPolicy
	// IPv6 adds a public IPv6 address to each Droplet.
	IPv6 bool
	// Monitoring installs the metrics agent.
	Monitoring bool
	// Tags are the tags of the Droplets. Tags that do not exist are created.
	Tags []string
	// Volumes are the IDs of volumes to attach, from the same region.
	Volumes []string
	// UserData configures the first boot, often as a cloud-config file: plain text of at most 64 KiB. It may contain
	// secrets and is never printed.
	UserData string
	// VPCUUID is the VPC network to join; empty for the region's default network.
	VPCUUID string
	// SubnetUUID is the subnet of the VPC network to join; empty to let the API choose.
	SubnetUUID string
	// GPUPartitionMode partitions the GPUs; empty for the default of the size. [GPUInfo] of the size has the supported modes.
	GPUPartitionMode GPUPartitionMode
	// WithDropletAgent controls the agent for the web console, as in [DropletCreateRequest].
	WithDropletAgent *bool
	// PublicNetworking is false for Droplets without public addresses, which is permanent; nil means true.
	PublicNetworking *bool
}

const (
	maxNames    = 10       // in one request
	maxUserData = 64 << 10 // bytes
)

func (r DropletCreateRequest) check() error {
	if err := checkText("Name", r.Name); err != nil {
		return err
	}
	return r.wire().check()
}

func (r DropletMultiCreateRequest) check() error {
	if len(r.Names) > maxNames {
		return invalid("Names", "must be 1 to %d, got %d", maxNames, len(r.Names))
	}
	return r.checkAnyNumber()
}

// checkAnyNumber is check for methods that split the names over several requests.
func (r DropletMultiCreateRequest) checkAnyNumber() error {
	if len(r.Names) == 0 {
		return invalid("Names", "must not be empty")
	}
	for i, name := range r.Names {
		if err := checkText(fmt.Sprintf("Names[%d]", i), name); err != nil {
			return err
		}
	}
	return r.wire().check()
}

// check rejects values that can never be valid, except for the names. The API validates the rest.
func (w createWire) check() error {
	if err := checkText("Size", w.Size); err != nil {
		return err
	}
	if err := w.Image.check("Image"); err != nil {
		return err
	}
	for i, key := range w.SSHKeys {
		if err := key.check(fmt.Sprintf("SSHKeys[%d]", i)); err != nil {
			return err
		}
	}
	if w.BackupPolicy != nil {
		if !w.Backups {
			return invalid("BackupPolicy", "requires Backups")
		}
		if err := w.BackupPolicy.check("BackupPolicy"); err != nil {
			return err
		}
	}
	if w.IPv6 && w.PublicNetworking != nil && !*w.PublicNetworking {
		return invalid("IPv6", "requires PublicNetworking to be nil or true")
	}
	if err := checkEach("Tags", w.Tags); err != nil {
		return err
	}
	if err := checkEach("Volumes", w.Volumes); err != nil {
		return err
	}
	return checkUserData("UserData", w.UserData)
}

// checkUserData rejects user data that is not UTF-8, which JSON cannot contain, or that is too long.
func checkUserData(field, userData string) error {
	if !utf8.ValidString(userData) {
		return invalid(field, "must be valid UTF-8: encode binary data as base64")
	}
	if len(userData) > maxUserData {
		return invalid(field, "must be at most %d bytes (64 KiB), got %d", maxUserData, len(userData))
	}
	return nil
}

// String returns the request as JSON, without UserData.
func (r DropletCreateRequest) String() string { return r.wire().String() }

// String returns the request as JSON, without UserData.
func (r DropletMultiCreateRequest) String() string { return r.wire().String() }

// Format writes what String returns, for every verb.
func (r DropletCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// Format writes what String returns, for every verb.
func (r DropletMultiCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue returns what String returns.
func (r DropletCreateRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// LogValue returns what String returns.
func (r DropletMultiCreateRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (w createWire) String() string {
	w.UserData = redactedUserData(w.UserData)
	return jsonText(w)
}

// redactedUserData returns the text that is printed instead of user data.
func redactedUserData(userData string) string {
	if userData == "" {
		return ""
	}
	return fmt.Sprintf("%s (%d bytes)", redacted, len(userData))
}

// jsonText returns v as JSON, or the error in parentheses if v cannot be encoded.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}
