package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileMode allows every user to read the file, because Prometheus runs as another user.
const fileMode = 0o644

// file is the output file. It is replaced as a whole, so that no reader gets a part of it.
type file struct{ path string }

// openFile checks that a file can be written at path. It does not change an existing file.
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
		// The directory is not synced: after a crash of the machine, the file may be the old one. The next refresh replaces
		// it.
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// createTemp creates a temporary file in the directory of the output file, because a rename is atomic only within a file system. Its
// name does not end in .json, so that a pattern such as *.json in the configuration of Prometheus does not match it.
func (f *file) createTemp() (*os.File, error) {
	return os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*.tmp")
}

// writeAndClose writes content and syncs the file. Otherwise the rename could reach the disk before the content, and a crash could
// leave an empty file.
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
