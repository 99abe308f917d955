package droplets

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// DropletCreateRequest asks for one new Droplet. Name, Size and Image are required. What is left at its zero value is
// not sent, and the API chooses.
//
// Printing a request with fmt or logging it with slog hides UserData; encoding it as JSON gives exactly what is sent.
// What fmt and slog do not show to the request itself they cannot hide: a request in an unexported field of another
// struct, or in a slice that slog encodes as JSON.
type DropletCreateRequest struct {
	// Name is the display name and the host name: letters, digits, dots and dashes, up to 255 of them.
	Name string
	// Region is a slug such as "nyc3", or a prefix such as "nyc" for any of its datacenters; empty for any region.
	Region string
	// Size is the slug of the plan, such as "s-1vcpu-1gb".
	Size string
	// Image is what to make it from: [ImageSlug] or [ImageID].
	Image ImageRef
	// SSHKeys may log in as root: [SSHKeyID] or [SSHKeyFingerprint]. They have to be in the account already.
	SSHKeys []SSHKeyRef
	// Backups switches backups on, which cost extra.
	Backups bool
	// BackupPolicy says when backups are made; nil for daily. It needs Backups.
	BackupPolicy *BackupPolicy
	// IPv6 gives it a public IPv6 address.
	IPv6 bool
	// Monitoring installs the metrics agent.
	Monitoring bool
	// Tags are put on it; those that do not exist are made.
	Tags []string
	// Volumes are the ids of volumes of the same region to attach.
	Volumes []string
	// UserData configures the first boot, often a cloud-config file: plain text, at most 64 KiB. It may hold secrets
	// and is never printed.
	UserData string
	// VPCUUID is the private network to join; empty for the region's default.
	VPCUUID string
	// WithDropletAgent installs the agent for the web console. nil: try, and go on without it where the image does
	// not support it. true: fail the create then. false: do not install it.
	WithDropletAgent *bool
	// PublicNetworking false makes a Droplet with no public address, for good; nil is true.
	PublicNetworking *bool
}

// DropletMultiCreateRequest asks for up to ten new Droplets that differ in their names alone. The fields are those of
// [DropletCreateRequest].
type DropletMultiCreateRequest struct {
	// Names are the display names, one for each Droplet.
	Names []string
	// Region is a slug such as "nyc3", or a prefix such as "nyc" for any of its datacenters; empty for any region.
	Region string
	// Size is the slug of the plan, such as "s-1vcpu-1gb".
	Size string
	// Image is what to make them from: [ImageSlug] or [ImageID].
	Image ImageRef
	// SSHKeys may log in as root.
	SSHKeys []SSHKeyRef
	// Backups switches backups on, which cost extra.
	Backups bool
	// BackupPolicy says when backups are made; nil for daily. It needs Backups.
	BackupPolicy *BackupPolicy
	// IPv6 gives them public IPv6 addresses.
	IPv6 bool
	// Monitoring installs the metrics agent.
	Monitoring bool
	// Tags are put on them; those that do not exist are made.
	Tags []string
	// Volumes are the ids of volumes of the same region to attach.
	Volumes []string
	// UserData configures the first boot: plain text, at most 64 KiB. It is never printed.
	UserData string
	// VPCUUID is the private network to join; empty for the region's default.
	VPCUUID string
	// WithDropletAgent installs the agent for the web console; see [DropletCreateRequest].
	WithDropletAgent *bool
	// PublicNetworking false makes Droplets with no public address, for good; nil is true.
	PublicNetworking *bool
}

const (
	maxNames    = 10
	maxUserData = 64 << 10
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

// check refuses what is certain to be wrong and leaves the rest to the API.
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
			return invalid("BackupPolicy", "needs Backups")
		}
		if err := w.BackupPolicy.check("BackupPolicy"); err != nil {
			return err
		}
	}
	if w.IPv6 && w.PublicNetworking != nil && !*w.PublicNetworking {
		return invalid("IPv6", "needs PublicNetworking")
	}
	if err := checkEach("Tags", w.Tags); err != nil {
		return err
	}
	if err := checkEach("Volumes", w.Volumes); err != nil {
		return err
	}
	if !utf8.ValidString(w.UserData) {
		return invalid("UserData", "must be text in UTF-8: JSON has no other; encode what is binary as base64")
	}
	if len(w.UserData) > maxUserData {
		return invalid("UserData", "must be at most %d bytes (64 KiB), got %d", maxUserData, len(w.UserData))
	}
	return nil
}

// String is the request as JSON with UserData hidden.
func (r DropletCreateRequest) String() string { return r.wire().String() }

// String is the request as JSON with UserData hidden.
func (r DropletMultiCreateRequest) String() string { return r.wire().String() }

// Format hides UserData, whatever the verb.
func (r DropletCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// Format hides UserData, whatever the verb.
func (r DropletMultiCreateRequest) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue hides UserData from slog.
func (r DropletCreateRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// LogValue hides UserData from slog.
func (r DropletMultiCreateRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (w createWire) String() string {
	if w.UserData != "" {
		w.UserData = fmt.Sprintf("%s (%d bytes)", redacted, len(w.UserData))
	}
	b, err := json.Marshal(w)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}
