package main

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPictureHasTheText(t *testing.T) {
	t.Parallel()
	picture, err := draw(strings.NewReader("== Title\n  a <b> & \"c\"\n\nlong line\n"), "go run .", 14)
	require.NoError(t, err)
	var decoded struct {
		Height int `xml:"height,attr"`
		Texts  []struct {
			Class string `xml:"class,attr"`
			Text  string `xml:",chardata"`
		} `xml:"text"`
	}
	require.NoError(t, xml.Unmarshal(picture, &decoded))
	require.Len(t, decoded.Texts, 5)
	assert.Equal(t, "$ go run .", decoded.Texts[0].Text)
	assert.Equal(t, "strong", decoded.Texts[1].Class)
	assert.Equal(t, `  a <b> & "c"`, decoded.Texts[2].Text)
	assert.Equal(t, 2*margin+5*lineHeight, decoded.Height)

	picture, err = draw(strings.NewReader("0123456789"), "", 5)
	require.NoError(t, err)
	assert.Contains(t, string(picture), ">0123…<")
}
