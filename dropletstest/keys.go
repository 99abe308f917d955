package dropletstest

import "strconv"

// sshKey is a key of the account.
type sshKey struct {
	ID          int64  `json:"id"`
	Fingerprint string `json:"fingerprint"`
	PublicKey   string `json:"public_key"`
	Name        string `json:"name"`
}

func (s *state) findKey(ref string) *sshKey {
	for _, k := range s.keys {
		if k.Fingerprint == ref || strconv.FormatInt(k.ID, 10) == ref {
			return k
		}
	}
	return nil
}
