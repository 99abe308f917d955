package main

import (
	"bytes"
	"flag"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testToken = "not-a-real-token"

func withoutToken(string) string { return "" }

func withToken(name string) string {
	if name == tokenEnv {
		return testToken
	}
	return ""
}

func TestFlagsHaveDefaults(t *testing.T) {
	t.Parallel()
	c, err := parseConfig([]string{"-output", "a.json"}, withoutToken, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, config{output: "a.json", interval: time.Minute, port: 80, listen: "127.0.0.1:9810", logFormat: "text"}, c)
}

func TestEveryFlagIsRead(t *testing.T) {
	t.Parallel()
	args := "-output=a.json -interval=10s -port=9100 -tag=web -verify -listen= -once -live -base-url=http://127.0.0.1:1 " +
		"-log-format=json -log-level=debug"
	c, err := parseConfig(strings.Fields(args), withToken, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, config{output: "a.json", interval: 10 * time.Second, port: 9100, tag: "web", verify: true, once: true, live: true,
		baseURL: "http://127.0.0.1:1", logFormat: "json", logLevel: slog.LevelDebug, token: testToken}, c)
}

func TestTokenIsTrimmed(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{testToken + "\n": testToken, " ": ""} {
		c, err := parseConfig([]string{"-output=a.json"}, func(string) string { return token }, io.Discard)
		require.NoError(t, err)
		assert.Equal(t, want, c.token)
	}
}

func TestInvalidFlagsAreRejected(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                "-output is required",
		"-output=targets.txt":             "-output must end in .json",
		"-output=a*.json":                 "must not contain *",
		"-output=a.json -interval=9.9s":   "-interval must be at least 10s, got 9.9s",
		"-output=a.json -interval=soon":   `invalid value "soon" for flag -interval`,
		"-output=a.json -port=0":          "-port must be from 1 to 65535, got 0",
		"-output=a.json -port=65536":      "-port must be from 1 to 65535, got 65536",
		"-output=a.json -log-format=xml":  `-log-format must be text or json, got "xml"`,
		"-output=a.json -log-level=quiet": `invalid value "quiet" for flag -log-level`,
		"-output=a.json -live":            "-live needs a token in DIGITALOCEAN_TOKEN",
		"-output=a.json -base-url=x":      "-base-url needs a token in DIGITALOCEAN_TOKEN",
		"-output=a.json more":             `unexpected argument "more"`,
		"-nonsense":                       "-nonsense",
	} {
		_, err := parseConfig(strings.Fields(args), withoutToken, io.Discard)
		require.ErrorIs(t, err, errUsage, args)
		require.ErrorContains(t, err, want, args)
		assert.NotContains(t, err.Error(), "\n", args)
	}
	_, err := parseConfig([]string{"-output=a.json", "-tag= "}, withoutToken, io.Discard)
	require.ErrorContains(t, err, "-tag must not begin or end with a space")
}

func TestHelpPrintsEveryFlag(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	_, err := parseConfig([]string{"-h"}, withoutToken, &stdout)
	require.ErrorIs(t, err, flag.ErrHelp)
	new(config).flagSet().VisitAll(func(f *flag.Flag) { assert.Contains(t, stdout.String(), "  -"+f.Name) })
}

func TestLogFormatAndLevelAreUsed(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"text": "msg=hello", "json": `"msg":"hello"`} {
		var b bytes.Buffer
		c := config{logFormat: format}
		c.logger(&b).Info("hello")
		c.logger(&b).Debug("details")
		assert.Contains(t, b.String(), want)
		assert.NotContains(t, b.String(), "details")
	}
}
