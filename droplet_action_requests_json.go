package droplets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// decodeAction decodes a stored action request into dst. build makes the request from the decoded body. A body with the type of
// another action is an error.
func decodeAction[R ActionRequest](b []byte, dst *R, build func(*actionWire) R) error {
	checked := func(w *actionWire) (R, error) {
		r := build(w)
		if own, ok := r.wire().(actionWire); ok && own.Type != w.Type {
			return r, fmt.Errorf("its type is %q, not %q", oneLine(string(w.Type)), own.Type)
		}
		return r, nil
	}
	return decodeRequest(b, dst, checked, func(r R) any { return r.wire() })
}

// typeOnly is the function build for a request without fields.
func typeOnly[R any](*actionWire) (r R) { return r }

// MarshalJSON returns exactly what is sent.
func (r RebootRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *RebootRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[RebootRequest])
}

// MarshalJSON returns exactly what is sent.
func (r PowerCycleRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *PowerCycleRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[PowerCycleRequest])
}

// MarshalJSON returns exactly what is sent.
func (r ShutdownRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *ShutdownRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[ShutdownRequest])
}

// MarshalJSON returns exactly what is sent.
func (r PowerOffRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *PowerOffRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[PowerOffRequest])
}

// MarshalJSON returns exactly what is sent.
func (r PowerOnRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *PowerOnRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[PowerOnRequest])
}

// MarshalJSON returns exactly what is sent.
func (r PasswordResetRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *PasswordResetRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[PasswordResetRequest])
}

// MarshalJSON returns exactly what is sent.
func (r EnableIPv6Request) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *EnableIPv6Request) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[EnableIPv6Request])
}

// MarshalJSON returns exactly what is sent.
func (r DisableBackupsRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *DisableBackupsRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, typeOnly[DisableBackupsRequest])
}

// MarshalJSON returns exactly what is sent.
func (r EnableBackupsRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *EnableBackupsRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) EnableBackupsRequest {
		return EnableBackupsRequest{Policy: w.BackupPolicy.policy()}
	})
}

// MarshalJSON returns exactly what is sent.
func (r ChangeBackupPolicyRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *ChangeBackupPolicyRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) ChangeBackupPolicyRequest {
		if w.BackupPolicy == nil {
			return ChangeBackupPolicyRequest{}
		}
		return ChangeBackupPolicyRequest{Policy: *w.BackupPolicy.policy()}
	})
}

// MarshalJSON returns exactly what is sent.
func (r RestoreRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *RestoreRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) RestoreRequest {
		if w.Image == nil {
			return RestoreRequest{}
		}
		return RestoreRequest{ImageID: w.Image.id}
	})
}

// MarshalJSON returns exactly what is sent.
func (r ResizeRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else, except a body without "disk", which the API
// treats as false.
func (r *ResizeRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) ResizeRequest {
		if w.Disk == nil {
			w.Disk = new(bool) // in w, because decodeRequest compares w with what the request sends
		}
		return ResizeRequest{Size: w.Size, Disk: *w.Disk}
	})
}

// MarshalJSON returns exactly what is sent.
func (r RebuildRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *RebuildRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) RebuildRequest {
		if w.Image == nil {
			return RebuildRequest{}
		}
		return RebuildRequest{Image: *w.Image}
	})
}

// MarshalJSON returns exactly what is sent.
func (r RenameRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *RenameRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) RenameRequest {
		return RenameRequest{Name: w.Name}
	})
}

// MarshalJSON returns exactly what is sent.
func (r ChangeKernelRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *ChangeKernelRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) ChangeKernelRequest {
		return ChangeKernelRequest{KernelID: w.Kernel}
	})
}

// MarshalJSON returns exactly what is sent.
func (r SnapshotRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns and rejects everything else.
func (r *SnapshotRequest) UnmarshalJSON(b []byte) error {
	return decodeAction(b, r, func(w *actionWire) SnapshotRequest {
		return SnapshotRequest{Name: w.Name}
	})
}

// MarshalJSON returns exactly what is sent.
func (r CustomActionRequest) MarshalJSON() ([]byte, error) { return json.Marshal(r.wire()) }

// UnmarshalJSON decodes what MarshalJSON returns. Numbers in Attributes are decoded as a [json.Number], so that no digit is lost.
func (r *CustomActionRequest) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var body map[string]any
	if err := decodeObject(b, dec, &body); err != nil {
		return decodeError[CustomActionRequest](err)
	}
	kind, ok := body["type"].(string)
	if !ok {
		return decodeError[CustomActionRequest](errors.New("it has no type"))
	}
	delete(body, "type")
	*r = CustomActionRequest{Type: ActionType(kind)}
	if len(body) > 0 {
		r.Attributes = body
	}
	return nil
}
