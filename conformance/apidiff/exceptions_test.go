package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExceptionsAreRemovedAndUnusedOnesReported(t *testing.T) {
	excepted := map[string]string{"a": "reason", "b": "reason"}
	assert.Equal(t, []string{"c", "exception that is not needed: b"}, withoutExceptions([]string{"c", "a"}, excepted))
	assert.Empty(t, withoutExceptions(nil, nil))
}
