package droplets

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the API's fingerprints are MD5 sums; nothing depends on their strength
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// publicKey is a public SSH key without its comment.
type publicKey struct {
	kind string // such as "ssh-ed25519"
	data []byte
}

// parsePublicKey parses a line of an authorized_keys file without options. The errors do not contain any part of the text,
// because it may be a private key. field is the field that they name.
func parsePublicKey(field, text string) (publicKey, error) {
	const format = "one line with type, data and an optional comment"
	text = strings.TrimSpace(text)
	parts := strings.Fields(text)
	switch {
	case text == "":
		return publicKey{}, invalid(field, "must not be empty")
	case strings.Contains(text, "PRIVATE KEY"):
		return publicKey{}, invalid(field, "must be a public key, but it is a private key; it was not sent")
	case len(parts) < 2 || strings.ContainsAny(text, "\r\n"):
		return publicKey{}, invalid(field, "must be %s", format)
	}
	data, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return publicKey{}, invalid(field, "must be %s; the data is not base64", format)
	}
	if kind, ok := kindInData(data); !ok || kind != parts[0] {
		return publicKey{}, invalid(field, "must be %s; the data is not a key of this type", format)
	}
	return publicKey{kind: parts[0], data: data}, nil
}

// kindInData returns the type of a key from the beginning of its data: four bytes with the length of the type, and the type.
func kindInData(data []byte) (kind string, ok bool) {
	const lengthSize = 4
	if len(data) <= lengthSize {
		return "", false
	}
	length := uint64(binary.BigEndian.Uint32(data))
	rest := data[lengthSize:]
	if length >= uint64(len(rest)) { // the type alone is not a key
		return "", false
	}
	return string(rest[:length]), true
}

// fingerprint returns the fingerprint in the format of the API: the MD5 sum of the data, as in [SSHKey].
func (k publicKey) fingerprint() string {
	sum := md5.Sum(k.data) //nolint:gosec // see the import
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return strings.Join(pairs, ":")
}

// is reports whether text is a line with this key. The comment in the line does not matter.
func (k publicKey) is(text string) bool {
	other, err := parsePublicKey("", text)
	return err == nil && other.kind == k.kind && bytes.Equal(other.data, k.data)
}
