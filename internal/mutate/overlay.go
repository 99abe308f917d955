package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
)

// overlay has the files that the go command reads instead of those of the repository, by their absolute paths. An empty name
// removes a file.
type overlay map[string]string

// replace adds another content of a file, which it writes into dir.
func (o overlay) replace(dir, file string, content []byte) error {
	return o.replaceAs(filepath.Join(dir, filepath.Base(file)), file, content)
}

// replaceAs adds another content of a file, which it writes to replacement.
func (o overlay) replaceAs(replacement, file string, content []byte) error {
	original, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	o[original] = replacement
	return os.WriteFile(replacement, content, 0o600)
}

// without returns the overlay with the removal of further files.
func (o overlay) without(files []string) (overlay, error) {
	more := maps.Clone(o)
	for _, file := range files {
		original, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		more[original] = ""
	}
	return more, nil
}

// write writes the overlay for the flag -overlay of the go command.
func (o overlay) write(file string) error {
	description, err := json.Marshal(map[string]overlay{"Replace": o})
	if err != nil {
		return err
	}
	return os.WriteFile(file, description, 0o600)
}

// buildTests compiles the tests of the package in packageDir. Further arguments are for go test.
func (o overlay) buildTests(ctx context.Context, packageDir, binary string, args ...string) error {
	file := binary + ".overlay"
	if err := o.write(file); err != nil {
		return err
	}
	args = append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", file, "-o", binary}, args...)
	command := exec.CommandContext(ctx, "go", append(args, ".")...)
	command.Dir = packageDir
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("the tests in %s do not compile: %w\n%s", packageDir, err, out)
	}
	return nil
}
