package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// store saves the account to a file and loads it. Without a path it does nothing.
type store struct {
	path string
	api  func() *dropletstest.API // the current account
	log  *slog.Logger

	mu    sync.Mutex
	saved time.Time // when the state was last saved
}

// saveInterval is the minimum time between two saves while the program runs. It saves once more when it exits.
const saveInterval = time.Second

func newStore(path string, log *slog.Logger) *store { return &store{path: path, log: log} }

// load returns the content of the file, or nil if the file does not exist or the store has no path.
func (s *store) load() ([]byte, error) {
	if s.path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return append([]byte{}, b...), err // not nil for an empty file, which is an invalid state
}

// describe adds the path to an error of the saved state, and that the file was not changed.
func (s *store) describe(err error) error {
	if s.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w (the file was not changed)", s.path, err)
}

// saveAfterChanges returns a handler that calls next and saves the state after requests that can change it, at most once per
// saveInterval.
func (s *store) saveAfterChanges(next http.Handler) http.Handler {
	if s.path == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead && s.saveDue() {
			if err := s.save(); err != nil {
				s.log.Error("the state was not saved", "error", err)
			}
		}
	})
}

func (s *store) saveDue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.saved) >= saveInterval
}

// save replaces the file atomically, so that it never has an incomplete state.
func (s *store) save() error {
	if s.path == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b bytes.Buffer
	if err := s.api().WriteState(&b); err != nil {
		return err
	}
	if err := replaceFile(s.path, b.Bytes()); err != nil {
		return err
	}
	s.saved = time.Now()
	return nil
}

func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
