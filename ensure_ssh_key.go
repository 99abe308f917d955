package droplets

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Ensure returns the SSH key of the account with the public key of the request, or adds it if there is none. created reports
// whether this call added it. Keys are compared by type and data: comments and space do not count. A key that exists is
// returned as it is, also if its name is not that of the request. Ensure rejects a text that is not a public key, with an error
// that does not repeat the text.
//
// The API does not accept a key twice. If it rejects a create because another program has added the key at the same moment,
// or if the outcome of a create is unknown, Ensure searches for the key for one minute. After an unknown outcome it then
// creates again, at most as often as the client's [RetryPolicy] allows; otherwise the error matches [ErrMaybeApplied], also if
// the API rejects a later create. If a key appears after a create whose outcome is unknown, created is true if the key has the
// name of the request.
//
// The token needs the scopes ssh_key:read and ssh_key:create.
//
// DigitalOcean API: GET /v2/account/keys/{ssh_key_identifier}
//
// DigitalOcean API: POST /v2/account/keys
//
// DigitalOcean API: GET /v2/account/keys
func (s *SSHKeysService) Ensure(ctx context.Context, req SSHKeyCreateRequest, co ...CallOption) (key *SSHKey, created bool, err error) {
	wanted, err := req.check()
	if err != nil {
		return nil, false, err
	}
	if co, err = forSearch(forOneChange(req, co)); err != nil {
		return nil, false, err
	}
	key, err = s.byFingerprint(ctx, wanted, co)
	if key != nil || err != nil {
		return key, false, err
	}
	var unknown error // of a create whose outcome is unknown
	defer func() {
		if err != nil && !errors.Is(err, ErrMaybeApplied) {
			err = joinErrors(err, unknown)
		}
	}()
	for retries := 0; ; retries++ {
		key, err = s.Create(ctx, req, co...)
		switch {
		case err == nil:
			return s.checkCreated(key, wanted)
		case errors.Is(err, ErrMaybeApplied):
			unknown = err
		case !errors.Is(err, ErrUnprocessable):
			return nil, false, err
		}
		found, searchErr := s.searchAfter(ctx, err, wanted, co)
		switch {
		case found != nil:
			return found, unknown != nil && found.Name == req.Name, nil
		case searchErr != nil:
			return nil, false, joinErrors(err, searchErr)
		case !errors.Is(err, ErrMaybeApplied) || errors.Is(err, ErrInvalidResponse): // a 2xx that cannot be read was applied
			return nil, false, err
		case ctx.Err() != nil || retries >= maxRetries(s.pipeline, co):
			return nil, false, err
		}
	}
}

// checkCreated returns the results of Ensure for the response to a create.
func (s *SSHKeysService) checkCreated(key *SSHKey, wanted publicKey) (*SSHKey, bool, error) {
	if wanted.is(key.PublicKey) {
		return key, true, nil
	}
	return nil, false, fmt.Errorf("droplets: the API accepted the SSH key %s and responded with another key, %d: %w: %w",
		wanted.fingerprint(), key.ID, ErrInvalidResponse, ErrMaybeApplied)
}

// byFingerprint returns the key, or nil if the API reports that there is none.
func (s *SSHKeysService) byFingerprint(ctx context.Context, wanted publicKey, co []CallOption) (*SSHKey, error) {
	key, err := s.Get(ctx, SSHKeyFingerprint(wanted.fingerprint()), co...)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil //nolint:nilnil // no key is a result here
	case err != nil:
		return nil, err
	case !wanted.is(key.PublicKey):
		return nil, fmt.Errorf("droplets: the API responded with another SSH key, %d, for the fingerprint %s: %w",
			key.ID, wanted.fingerprint(), ErrInvalidResponse)
	}
	return key, nil
}

// find returns the key, by its fingerprint or else from the list, or nil if both do not have it.
func (s *SSHKeysService) find(ctx context.Context, wanted publicKey, co []CallOption) (*SSHKey, error) {
	key, err := s.byFingerprint(ctx, wanted, co)
	if key != nil || err != nil {
		return key, err
	}
	for key, err := range s.All(ctx, nil, co...) {
		if err != nil {
			return nil, err
		}
		if wanted.is(key.PublicKey) {
			return &key, nil
		}
	}
	return nil, nil //nolint:nilnil // no key is a result here
}

// searchAfter searches for the key after a create that has failed. The key exists or may appear if the API reports that it is in
// use, or if the outcome is unknown. After another rejection it is searched for once.
func (s *SSHKeysService) searchAfter(ctx context.Context, failed error, wanted publicKey, co []CallOption) (*SSHKey, error) {
	if ctx.Err() != nil {
		return nil, nil //nolint:nilnil // the error of the create has the reason
	}
	if !isInUse(failed) && !errors.Is(failed, ErrMaybeApplied) {
		return s.find(ctx, wanted, co)
	}
	searchCtx, cancel := context.WithTimeout(ctx, uncertainCreateWait)
	defer cancel()
	w := wait[SSHKey]{
		service:  (*service)(s),
		options:  co,
		poll:     func() (*SSHKey, error) { return s.find(searchCtx, wanted, co) },
		done:     func(key *SSHKey) (bool, error) { return key != nil, nil },
		describe: func(*SSHKey) string { return "for the SSH key " + wanted.fingerprint() },
	}
	key, err := w.last(searchCtx)
	if err != nil && searchCtx.Err() != nil && ctx.Err() == nil {
		return s.find(ctx, wanted, co)
	}
	return key, err
}

// isInUse reports whether a create was rejected because the account has the key.
func isInUse(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Is(ErrUnprocessable) && strings.Contains(strings.ToLower(e.Message), "in use")
}
