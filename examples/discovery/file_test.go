package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names returns the names of the files in a directory.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func TestUpdateWritesOnlyChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "targets.json")
	f, err := openFile(path)
	require.NoError(t, err)
	assert.NoFileExists(t, path, "openFile writes nothing")
	for i, step := range []struct {
		content string
		written bool
	}{{"[1]", true}, {"[1]", false}, {"[2]", true}, {"[1]", true}, {"[1]", false}} {
		before, _ := os.Stat(path)
		written, err := f.update([]byte(step.content))
		require.NoError(t, err)
		assert.Equal(t, step.written, written, "step %d", i)
		after, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, !step.written, before != nil && os.SameFile(before, after), "step %d: a change is a new file", i)
		assert.Equal(t, step.content, readFile(t, path))
		assert.Equal(t, fs.FileMode(0o644), after.Mode().Perm())
	}
	assert.Equal(t, []string{"targets.json"}, names(t, filepath.Dir(path)))
}

func TestUpdateKeepsAnEqualFileOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "targets.json")
	require.NoError(t, os.WriteFile(path, []byte("[1]"), 0o644))
	before, err := os.Stat(path)
	require.NoError(t, err)
	f, err := openFile(path)
	require.NoError(t, err)
	written, err := f.update([]byte("[1]"))
	require.NoError(t, err)
	assert.False(t, written)
	after, err := os.Stat(path)
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
	assert.Equal(t, before.ModTime(), after.ModTime())
}

func TestUpdateRestoresARemovedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "targets.json")
	f := &file{path}
	_, err := f.update([]byte("[1]"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	written, err := f.update([]byte("[1]"))
	require.NoError(t, err)
	assert.True(t, written)
	assert.FileExists(t, path)
}

// TestReadersGetWholeFiles reads the file while it is replaced. Each read must return one of the two contents.
func TestReadersGetWholeFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "targets.json")
	f := &file{path}
	contents := [][]byte{bytes.Repeat([]byte("a"), 1<<20), bytes.Repeat([]byte("b"), 1<<19)}
	_, err := f.update(contents[0])
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		for i := range 100 {
			if _, err := f.update(contents[i%2]); err != nil {
				done <- err
				return
			}
		}
		close(done)
	}()
	for reads := 0; ; reads++ {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		if !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
			t.Fatalf("read %d: %d bytes are neither content", reads, len(got))
		}
		select {
		case err := <-done:
			require.NoError(t, err)
			require.Positive(t, reads)
			return
		default:
		}
	}
}

func TestFailedRenameLeavesNoTemporaryFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := &file{filepath.Join(dir, "targets.json")}
	require.NoError(t, os.Mkdir(f.path, 0o755)) // a directory cannot be replaced by a file
	require.Error(t, f.replace([]byte("[1]")))
	assert.Equal(t, []string{"targets.json"}, names(t, dir))
	_, err := f.update([]byte("[1]"))
	require.Error(t, err)
}

func TestOpenFileRejectsPathsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := openFile(filepath.Join(dir, "none", "targets.json"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = openFile(dir)
	require.ErrorContains(t, err, "is not a regular file")
	assert.Empty(t, names(t, dir))
}

func TestTemporaryFileIsInTheSameDirectory(t *testing.T) {
	t.Chdir(t.TempDir()) // a relative path must not use the directory for temporary files of the system
	tmp, err := (&file{"targets.json"}).createTemp()
	require.NoError(t, err)
	require.NoError(t, tmp.Close())
	assert.FileExists(t, filepath.Base(tmp.Name()))
	matches, err := filepath.Glob("*.json")
	require.NoError(t, err)
	assert.Empty(t, matches, "a pattern for Prometheus must not match the temporary file")
}
