package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// SSHKeysService manages the SSH keys of the account, which are added to Droplets when they are created. It is safe for
// concurrent use.
type SSHKeysService service

const sshKeysPath = "v2/account/keys"

// sshKeyPath returns the path of a key, or an error if ref cannot identify a key.
func sshKeyPath(ref SSHKeyRef) (string, error) {
	if err := ref.check("ref"); err != nil {
		return "", err
	}
	if err := checkSegment("ref", ref.String()); err != nil {
		return "", err
	}
	return sshKeysPath + "/" + url.PathEscape(ref.String()), nil
}

// List returns one page of the SSH keys of the account. If opts is nil, it returns the first page of 20. The token needs the
// scope ssh_key:read.
//
// DigitalOcean API: GET /v2/account/keys
func (s *SSHKeysService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[SSHKey], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root sshKeysRoot
	err = s.pipeline.invoke(ctx, call{operation: "sshKeys_list", method: http.MethodGet, path: sshKeysPath, query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Keys, root.pageInfo, opts), nil
}

// All returns an iterator over the SSH keys of the account. It works like [DropletsService.All], with the same guarantee and
// the same errors.
//
// DigitalOcean API: GET /v2/account/keys
func (s *SSHKeysService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[SSHKey, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[SSHKey], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(k *SSHKey) int64 { return k.ID })
}

// Get returns an SSH key by its ID or its fingerprint. If there is no such key, the error matches [ErrNotFound]. The token needs
// the scope ssh_key:read.
//
// DigitalOcean API: GET /v2/account/keys/{ssh_key_identifier}
func (s *SSHKeysService) Get(ctx context.Context, ref SSHKeyRef, co ...CallOption) (*SSHKey, error) {
	path, err := sshKeyPath(ref)
	if err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "sshKeys_get", method: http.MethodGet, path: path}, co)
}

// Create adds a public key to the account. It rejects a text that is not a public key, with an error that does not repeat the
// text. If the account has the key already, under any name, the error matches [ErrUnprocessable]; to get the key in that case
// too, use [SSHKeysService.Ensure]. The token needs the scope ssh_key:create.
//
// A create is not retried if its outcome is unknown, and the error then matches [ErrMaybeApplied].
//
// DigitalOcean API: POST /v2/account/keys
func (s *SSHKeysService) Create(ctx context.Context, req SSHKeyCreateRequest, co ...CallOption) (*SSHKey, error) {
	if _, err := req.check(); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "sshKeys_create", method: http.MethodPost, path: sshKeysPath, body: req}, co)
}

// Update changes the name of an SSH key and returns the key. If there is no such key, the error matches [ErrNotFound]. The token
// needs the scope ssh_key:update.
//
// An update is not retried if its outcome is unknown, and the error then matches [ErrMaybeApplied]. It is harmless to send the
// same update twice: [ResendUncertain] allows it.
//
// DigitalOcean API: PUT /v2/account/keys/{ssh_key_identifier}
func (s *SSHKeysService) Update(ctx context.Context, ref SSHKeyRef, req SSHKeyUpdateRequest, co ...CallOption) (*SSHKey, error) {
	path, err := sshKeyPath(ref)
	if err != nil {
		return nil, err
	}
	if err := checkText("Name", req.Name); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "sshKeys_update", method: http.MethodPut, path: path, body: req}, co)
}

// invoke sends a call and returns the key in its response.
func (s *SSHKeysService) invoke(ctx context.Context, cl call, co []CallOption) (*SSHKey, error) {
	var root sshKeyRoot
	if err := s.pipeline.invoke(ctx, cl, &root, co); err != nil {
		return nil, err
	}
	return root.Key, nil
}

// Delete removes an SSH key from the account. Droplets that were created with the key keep it: anyone with the private key can
// still log in there. If there is no such key, the error matches [ErrNotFound]. The token needs the scope ssh_key:delete.
//
// DigitalOcean API: DELETE /v2/account/keys/{ssh_key_identifier}
func (s *SSHKeysService) Delete(ctx context.Context, ref SSHKeyRef, co ...CallOption) error {
	path, err := sshKeyPath(ref)
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "sshKeys_delete", method: http.MethodDelete, path: path}, nil, co)
}
