package dropletstest

import (
	"crypto/md5" //nolint:gosec // the API's fingerprints are MD5 sums
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// sshKey is an SSH key of the account.
type sshKey struct {
	ID          int64  `json:"id"`
	Fingerprint string `json:"fingerprint"`
	PublicKey   string `json:"public_key"`
	Name        string `json:"name"`
}

type (
	sshKeyRoot struct {
		Key *sshKey `json:"ssh_key"`
	}
	sshKeysPage struct {
		Keys []*sshKey `json:"ssh_keys"`
		pageInfo
	}
	sshKeyRequest struct {
		Name      *string `json:"name"`
		PublicKey string  `json:"public_key"`
	}
)

const firstSSHKeyID = 512_189

// findSSHKey returns the key with an id or a fingerprint, or nil.
func (s *state) findSSHKey(ref string) *sshKey {
	return find(s.sshKeys, func(k *sshKey) bool { return k.Fingerprint == ref || strconv.FormatInt(k.ID, 10) == ref })
}

// addSSHKey adds a key. Like the API, it uses the MD5 sum of the decoded key as the fingerprint.
func (s *state) addSSHKey(name, publicKey string) (*sshKey, *apiError) {
	fields := strings.Fields(publicKey)
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
	for _, b := range md5.Sum(raw) { //nolint:gosec // see the import
		pairs = append(pairs, fmt.Sprintf("%02x", b))
	}
	fingerprint := strings.Join(pairs, ":")
	if s.findSSHKey(fingerprint) != nil {
		return nil, unprocessable("SSH Key is already in use on your account.")
	}
	key := &sshKey{ID: nextID(&s.counters.Key), Name: name, PublicKey: publicKey, Fingerprint: fingerprint}
	s.sshKeys = append(s.sshKeys, key)
	return key, nil
}

func (a *API) listSSHKeys(c *call) (result, *apiError) {
	return paginateSlice(c, a.sshKeys,
		func(items []*sshKey, info pageInfo) sshKeysPage { return sshKeysPage{items, info} })
}

func (a *API) createSSHKey(c *call) (result, *apiError) {
	req, apiErr := decodeBody[sshKeyRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	var name string
	if req.Name != nil {
		name = *req.Name
	}
	key, apiErr := a.addSSHKey(name, req.PublicKey)
	return result{http.StatusCreated, sshKeyRoot{key}}, apiErr
}

// onSSHKey returns a handler that passes the SSH key in the path to h. The handler responds 404 if the key does not exist.
func onSSHKey(h func(*API, *call, *sshKey) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		key := a.findSSHKey(c.args[0])
		if key == nil {
			return result{}, notFound
		}
		return h(a, c, key)
	}
}

func (a *API) getSSHKey(_ *call, key *sshKey) (result, *apiError) {
	return result{http.StatusOK, sshKeyRoot{key}}, nil
}

func (a *API) updateSSHKey(c *call, key *sshKey) (result, *apiError) {
	req, apiErr := decodeBody[sshKeyRequest](c)
	switch {
	case apiErr != nil:
		return result{}, apiErr
	case req.Name != nil && *req.Name == "":
		return result{}, unprocessable("Name can't be blank.")
	case req.Name != nil:
		key.Name = *req.Name
	}
	return result{http.StatusOK, sshKeyRoot{key}}, nil
}

func (a *API) deleteSSHKey(_ *call, key *sshKey) (result, *apiError) {
	a.sshKeys = removeValue(a.sshKeys, key)
	return noContent, nil
}

// AddSSHKey adds a public key to the account and returns its id and fingerprint, for use in create requests. The key has the
// format of an authorized_keys line. AddSSHKey panics if the name is empty, or if the key is invalid or already exists.
func (a *API) AddSSHKey(name, publicKey string) (id int64, fingerprint string) {
	a.lockToAdd()
	defer a.mu.Unlock()
	key, apiErr := a.addSSHKey(name, publicKey)
	if apiErr != nil {
		panic("dropletstest: AddSSHKey: " + apiErr.message)
	}
	return key.ID, key.Fingerprint
}
