package dropletstest

import (
	"crypto/md5" //nolint:gosec // what the API's fingerprints are made with
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// sshKey is a key of the account.
type sshKey struct {
	ID          int64  `json:"id"`
	Fingerprint string `json:"fingerprint"`
	PublicKey   string `json:"public_key"`
	Name        string `json:"name"`
}

type (
	keyRoot struct {
		Key *sshKey `json:"ssh_key"`
	}
	keysPage struct {
		Keys []*sshKey `json:"ssh_keys"`
		pageInfo
	}
	keyRequest struct {
		Name      *string `json:"name"`
		PublicKey string  `json:"public_key"`
	}
)

const firstKey = 512_189

// findKey takes an id or a fingerprint.
func (s *state) findKey(ref string) *sshKey {
	i := slices.IndexFunc(s.keys, func(k *sshKey) bool { return k.Fingerprint == ref || strconv.FormatInt(k.ID, 10) == ref })
	if i < 0 {
		return nil
	}
	return s.keys[i]
}

// addKey computes the fingerprint as the API does: the MD5 sum of the key itself.
func (s *state) addKey(name, public string) (*sshKey, *refusal) {
	fields := strings.Fields(public)
	if name == "" {
		return nil, unprocessable("Name can't be blank.")
	}
	if len(fields) < 2 {
		return nil, unprocessable("Key invalid, key should be of the format: type key [comment].")
	}
	raw, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return nil, unprocessable("Key invalid: %v.", err)
	}
	var pairs []string
	for _, b := range md5.Sum(raw) { //nolint:gosec // see above
		pairs = append(pairs, fmt.Sprintf("%02x", b))
	}
	key := &sshKey{ID: next(&s.counters.Key), Name: name, PublicKey: public, Fingerprint: strings.Join(pairs, ":")}
	if s.findKey(key.Fingerprint) != nil {
		return nil, unprocessable("SSH Key is already in use on your account.")
	}
	s.keys = append(s.keys, key)
	return key, nil
}

func (a *API) listKeys(c *call) (answer, *refusal) {
	return paged(c, len(a.keys), func(i int) *sshKey { return a.keys[i] },
		func(items []*sshKey, info pageInfo) keysPage { return keysPage{items, info} })
}

func (a *API) createKey(c *call) (answer, *refusal) {
	var req keyRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	var name string
	if req.Name != nil {
		name = *req.Name
	}
	key, no := a.addKey(name, req.PublicKey)
	return answer{http.StatusCreated, keyRoot{key}}, no
}

func (a *API) getKey(c *call) (answer, *refusal) {
	key := a.findKey(c.args[0])
	if key == nil {
		return answer{}, notFound
	}
	return answer{http.StatusOK, keyRoot{key}}, nil
}

func (a *API) updateKey(c *call) (answer, *refusal) {
	key := a.findKey(c.args[0])
	if key == nil {
		return answer{}, notFound
	}
	var req keyRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	if req.Name != nil {
		key.Name = *req.Name
	}
	return answer{http.StatusOK, keyRoot{key}}, nil
}

func (a *API) deleteKey(c *call) (answer, *refusal) {
	key := a.findKey(c.args[0])
	if key == nil {
		return answer{}, notFound
	}
	a.keys = slices.DeleteFunc(a.keys, func(k *sshKey) bool { return k == key })
	return answer{status: http.StatusNoContent}, nil
}

// AddSSHKey adds a public key, in the form of an authorized_keys line, to the account and returns its id and
// fingerprint, for a create request to name. It panics when the key is not valid or already there.
func (a *API) AddSSHKey(name, publicKey string) (id int64, fingerprint string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key, no := a.addKey(name, publicKey)
	if no != nil {
		panic("dropletstest: " + no.message)
	}
	return key.ID, key.Fingerprint
}
