package droplets

import "maps"

// ActionRequest is a request for an action, for [DropletActionsService.Initiate]. Other packages cannot implement it. For an
// action that this package does not have, use [CustomActionRequest], and for a field that a request does not have,
// [WithBodyField]. A struct that embeds a request is rejected, because its own fields would not be sent.
type ActionRequest interface {
	check() error // rejects values that can never be valid
	wire() any    // returns the body
}

// TagActionRequest is a request for an action that the API accepts for all Droplets with a tag:
// [PowerCycleRequest], [PowerOnRequest], [PowerOffRequest], [ShutdownRequest], [EnableIPv6Request],
// [EnableBackupsRequest] without a policy, [DisableBackupsRequest], [SnapshotRequest], and [CustomActionRequest].
type TagActionRequest interface {
	ActionRequest
	checkForTag() error // rejects fields that the API does not accept for an action by tag
}

// actionWire is the body of all requests except CustomActionRequest.
type actionWire struct {
	Type         ActionType        `json:"type"`
	BackupPolicy *backupPolicyWire `json:"backup_policy,omitempty"`
	Size         string            `json:"size,omitempty"`
	Disk         *bool             `json:"disk,omitempty"`
	Image        *ImageRef         `json:"image,omitempty"`
	Name         string            `json:"name,omitempty"`
	Kernel       int64             `json:"kernel,omitempty"`
}

// fieldNames returns the names of the fields that an action of this type has, set or not.
func (w actionWire) fieldNames() []string {
	switch w.Type {
	case ActionTypeEnableBackups, ActionTypeChangeBackupPolicy:
		return []string{"type", "backup_policy"}
	case ActionTypeRestore, ActionTypeRebuild:
		return []string{"type", "image"}
	case ActionTypeResize:
		return []string{"type", "size", "disk"}
	case ActionTypeRename, ActionTypeSnapshot:
		return []string{"type", "name"}
	case ActionTypeChangeKernel:
		return []string{"type", "kernel"}
	default:
		return []string{"type"}
	}
}

type (
	// RebootRequest requests a reboot from the operating system.
	RebootRequest struct{}
	// PowerCycleRequest cuts the power and turns it on again.
	PowerCycleRequest struct{}
	// ShutdownRequest requests a shutdown from the operating system. The action completes when the request was delivered,
	// even if the operating system ignores it; see [DropletsService.ShutdownGracefully].
	ShutdownRequest struct{}
	// PowerOffRequest cuts the power.
	PowerOffRequest struct{}
	// PowerOnRequest starts a Droplet that is off.
	PowerOnRequest struct{}
	// PasswordResetRequest resets the root password. DigitalOcean sends the new password by email.
	PasswordResetRequest struct{}
	// EnableIPv6Request adds a public IPv6 address, which cannot be removed.
	EnableIPv6Request struct{}
	// DisableBackupsRequest disables backups.
	DisableBackupsRequest struct{}
	// EnableBackupsRequest enables backups, which are billed.
	EnableBackupsRequest struct {
		// Policy sets when backups are created; nil for daily backups. It must be nil in an action by tag.
		Policy *BackupPolicy
	}
	// ChangeBackupPolicyRequest changes when backups are created. Backups must be enabled.
	ChangeBackupPolicyRequest struct {
		// Policy is the new policy. Policy.Plan is required.
		Policy BackupPolicy
	}
	// RestoreRequest replaces the disk with a backup of the same Droplet.
	RestoreRequest struct {
		// ImageID is the ID of the backup.
		ImageID int64
	}
	// ResizeRequest changes the size. The Droplet must be off.
	ResizeRequest struct {
		// Size is the slug of the new size.
		Size string
		// Disk also enlarges the disk. This is permanent, because a disk cannot shrink. If it is false, the disk keeps its size
		// and the Droplet can be resized back.
		Disk bool
	}
	// RebuildRequest replaces the disk with a new copy of an image.
	RebuildRequest struct {
		// Image is the image: [ImageSlug] or [ImageID].
		Image ImageRef
	}
	// RenameRequest changes the name.
	RenameRequest struct {
		// Name is the new name.
		Name string
	}
	// ChangeKernelRequest changes the kernel of a Droplet that boots an external kernel.
	ChangeKernelRequest struct {
		// KernelID is the ID of a kernel that [DropletsService.ListKernels] returns.
		KernelID int64
	}
	// SnapshotRequest creates a snapshot of the Droplet's disk, which is billed as long as it is kept.
	SnapshotRequest struct {
		// Name is the name of the snapshot. If it is empty, the API chooses one.
		Name string
	}
	// CustomActionRequest is a request for an action that the API has and this package does not have.
	CustomActionRequest struct {
		// Type is the action's type.
		Type ActionType
		// Attributes are the other fields of the request. They are encoded by encoding/json and must not contain "type".
		Attributes map[string]any
	}
)

func (RebootRequest) check() error { return nil }

func (PowerCycleRequest) check() error { return nil }

func (ShutdownRequest) check() error { return nil }

func (PowerOffRequest) check() error { return nil }

func (PowerOnRequest) check() error { return nil }

func (PasswordResetRequest) check() error { return nil }

func (EnableIPv6Request) check() error { return nil }

func (DisableBackupsRequest) check() error { return nil }

func (SnapshotRequest) check() error { return nil }

func (r EnableBackupsRequest) check() error {
	if r.Policy == nil {
		return nil
	}
	return r.Policy.wire().check("Policy")
}

func (r ChangeBackupPolicyRequest) check() error {
	if r.Policy.Plan == "" {
		return invalid("Policy.Plan", "must not be empty")
	}
	return r.Policy.wire().check("Policy")
}

func (r RestoreRequest) check() error { return checkID("ImageID", r.ImageID) }

func (r ResizeRequest) check() error { return checkText("Size", r.Size) }

func (r RebuildRequest) check() error { return r.Image.check("Image") }

func (r RenameRequest) check() error { return checkText("Name", r.Name) }

func (r ChangeKernelRequest) check() error { return checkID("KernelID", r.KernelID) }

func (r CustomActionRequest) check() error {
	if err := checkText("Type", string(r.Type)); err != nil {
		return err
	}
	if _, ok := r.Attributes["type"]; ok {
		return invalid("Attributes", `must not contain "type": use the field Type`)
	}
	return checkEmbedding("Attributes", r.Attributes)
}

func (PowerCycleRequest) checkForTag() error { return nil }

func (PowerOnRequest) checkForTag() error { return nil }

func (PowerOffRequest) checkForTag() error { return nil }

func (ShutdownRequest) checkForTag() error { return nil }

func (EnableIPv6Request) checkForTag() error { return nil }

func (DisableBackupsRequest) checkForTag() error { return nil }

func (SnapshotRequest) checkForTag() error { return nil }

func (CustomActionRequest) checkForTag() error { return nil }

func (r EnableBackupsRequest) checkForTag() error {
	if r.Policy != nil {
		return invalid("Policy", "must be nil in an action by tag: the API does not accept a policy there")
	}
	return nil
}

func (RebootRequest) wire() any { return actionWire{Type: ActionTypeReboot} }

func (PowerCycleRequest) wire() any { return actionWire{Type: ActionTypePowerCycle} }

func (ShutdownRequest) wire() any { return actionWire{Type: ActionTypeShutdown} }

func (PowerOffRequest) wire() any { return actionWire{Type: ActionTypePowerOff} }

func (PowerOnRequest) wire() any { return actionWire{Type: ActionTypePowerOn} }

func (PasswordResetRequest) wire() any { return actionWire{Type: ActionTypePasswordReset} }

func (EnableIPv6Request) wire() any { return actionWire{Type: ActionTypeEnableIPv6} }

func (DisableBackupsRequest) wire() any { return actionWire{Type: ActionTypeDisableBackups} }

func (r EnableBackupsRequest) wire() any {
	return actionWire{Type: ActionTypeEnableBackups, BackupPolicy: r.Policy.wire()}
}

func (r ChangeBackupPolicyRequest) wire() any {
	return actionWire{Type: ActionTypeChangeBackupPolicy, BackupPolicy: r.Policy.wire()}
}

func (r RestoreRequest) wire() any {
	image := ImageID(r.ImageID)
	return actionWire{Type: ActionTypeRestore, Image: &image}
}

func (r ResizeRequest) wire() any {
	return actionWire{Type: ActionTypeResize, Size: r.Size, Disk: &r.Disk}
}

func (r RebuildRequest) wire() any { return actionWire{Type: ActionTypeRebuild, Image: &r.Image} }

func (r RenameRequest) wire() any { return actionWire{Type: ActionTypeRename, Name: r.Name} }

func (r ChangeKernelRequest) wire() any {
	return actionWire{Type: ActionTypeChangeKernel, Kernel: r.KernelID}
}

func (r SnapshotRequest) wire() any { return actionWire{Type: ActionTypeSnapshot, Name: r.Name} }

func (r CustomActionRequest) wire() any {
	body := make(map[string]any, len(r.Attributes)+1)
	maps.Copy(body, r.Attributes)
	body["type"] = r.Type
	return body
}
