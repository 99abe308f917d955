package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileMode lets every user read the file: Prometheus runs as a user of its own.
const fileMode = 0o644

// file is the output file. It is replaced as a whole, so that a reader never sees a part of it.
type file struct{ path string }

// openFile checks that a file can be written at path, and does not change a file that exists.
func openFile(path string) (*file, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f := &file{path}
	probe, err := f.createTemp()
	if err != nil {
		return nil, err
	}
	return f, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// update replaces the file if it differs from content, and reports whether it did. It compares with the file itself, so that
// a restart does not rewrite the file, and a file that somebody removed or edited is written again.
func (f *file) update(content []byte) (written bool, err error) {
	old, err := os.ReadFile(f.path)
	switch {
	case err == nil && bytes.Equal(old, content):
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if err := f.replace(content); err != nil {
		return false, err
	}
	return true, nil
}

// replace writes content to a temporary file in the same directory and renames it. After an error the old file is still
// there, and the temporary file is not.
func (f *file) replace(content []byte) error {
	tmp, err := f.createTemp()
	if err != nil {
		return err
	}
	err = writeAndClose(tmp, content)
	if err == nil {
		// The directory is not synced: if the machine crashes now, the old file may be there again, and the next refresh
		// replaces it.
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// createTemp creates a temporary file beside the output file: a rename is atomic only within a file system. Its name does not
// end in .json, so that a pattern such as *.json in the configuration of Prometheus does not match it.
func (f *file) createTemp() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*.tmp")
}

// writeAndClose writes content to the disk: a rename could otherwise reach it before the content, and a crash would leave an
// empty file.
func writeAndClose(tmp *os.File, content []byte) error {
	_, err := tmp.Write(content)
	if err == nil {
		err = tmp.Chmod(fileMode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	return errors.Join(err, tmp.Close())
}
