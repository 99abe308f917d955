package droplets

// SSHKey is a public SSH key of the account.
type SSHKey struct {
	// ID identifies the key in requests; see [SSHKeyID].
	ID int64 `json:"id"`
	// Fingerprint identifies the key in requests; see [SSHKeyFingerprint]. It is the MD5 sum of the key's data, in pairs of
	// hexadecimal digits with colons.
	Fingerprint string `json:"fingerprint"`
	// PublicKey is the key in the format of an authorized_keys file: type, data and an optional comment.
	PublicKey string `json:"public_key"`
	// Name is the display name.
	Name string `json:"name"`
}

// Ref returns a reference to the key by its ID, for requests such as [DropletCreateRequest].
func (k *SSHKey) Ref() SSHKeyRef { return SSHKeyID(k.ID) }

// SSHKeyCreateRequest describes a new SSH key. Both fields are required.
type SSHKeyCreateRequest struct {
	// Name is the display name.
	Name string `json:"name,omitempty"`
	// PublicKey is the content of a file such as id_ed25519.pub: one line with type, data and an optional comment. A private
	// key is rejected.
	PublicKey string `json:"public_key,omitempty"`
}

// UnmarshalJSON decodes a stored request. It rejects a document with anything that the request cannot hold, such as an
// unknown field.
func (r *SSHKeyCreateRequest) UnmarshalJSON(b []byte) error {
	type plain SSHKeyCreateRequest
	build := func(p *plain) (SSHKeyCreateRequest, error) { return SSHKeyCreateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r SSHKeyCreateRequest) any { return plain(r) })
}

// check returns the key that the request contains, or an error if a field is invalid.
func (r SSHKeyCreateRequest) check() (publicKey, error) {
	key, err := parsePublicKey("PublicKey", r.PublicKey)
	if err != nil {
		return publicKey{}, err
	}
	return key, checkText("Name", r.Name)
}

// SSHKeyUpdateRequest describes a change of an SSH key. Only the name can be changed.
type SSHKeyUpdateRequest struct {
	// Name is the new display name.
	Name string `json:"name,omitempty"`
}

// UnmarshalJSON decodes a stored request. It rejects a document with anything that the request cannot hold, such as an
// unknown field.
func (r *SSHKeyUpdateRequest) UnmarshalJSON(b []byte) error {
	type plain SSHKeyUpdateRequest
	build := func(p *plain) (SSHKeyUpdateRequest, error) { return SSHKeyUpdateRequest(*p), nil }
	return decodeRequest(b, r, build, func(r SSHKeyUpdateRequest) any { return plain(r) })
}

type sshKeyRoot struct {
	Key *SSHKey `json:"ssh_key"`
}

func (r *sshKeyRoot) missing() string {
	switch {
	case r.Key == nil:
		return "ssh_key"
	case r.Key.ID < 1:
		return "ssh_key.id"
	}
	return ""
}

type sshKeysRoot struct {
	Keys []SSHKey `json:"ssh_keys"`
	pageInfo
}

func (r *sshKeysRoot) missing() string { return missingIf(r.Keys == nil, "ssh_keys") }
