package dropletstest

import (
	"fmt"
	"net/netip"
)

// The prefix lengths of the largest and the smallest range of a VPC.
const (
	largestVPC  = 16
	smallestVPC = 28
)

// privateRanges are the ranges of RFC 1918.
var privateRanges = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16")}

// checkVPCRange returns the range of a new VPC, or an error if the API rejects it.
func (s *state) checkVPCRange(text string) (netip.Prefix, *apiError) {
	r, err := netip.ParsePrefix(text)
	switch {
	case err != nil || r != r.Masked():
		return r, unprocessable("ip_range is not a valid IPv4 network in CIDR notation: %q.", text)
	case !isPrivateRange(r):
		return r, unprocessable("ip_range must be in the private ranges of RFC 1918: %s.", text)
	case r.Bits() < largestVPC || r.Bits() > smallestVPC:
		return r, unprocessable("ip_range must be between /%d and /%d: %s.", smallestVPC, largestVPC, text)
	}
	if other := s.overlappingVPC(r); other != nil {
		return r, unprocessable("This range/size overlaps with another VPC network in your account: %s %s (%s).",
			other.IPRange, other.Name, other.ID)
	}
	return r, nil
}

func isPrivateRange(r netip.Prefix) bool {
	for _, private := range privateRanges {
		if private.Contains(r.Addr()) && private.Bits() <= r.Bits() {
			return true
		}
	}
	return false
}

func (s *state) overlappingVPC(r netip.Prefix) *vpc {
	return find(s.vpcs, func(v *vpc) bool { return v.prefix.Overlaps(r) })
}

// freeVPCRange returns a /20 between 10.128.0.0 and 10.239.255.255 that does not overlap with that of another VPC.
func (s *state) freeVPCRange() (netip.Prefix, *apiError) {
	for second := 128; second < 240; second++ {
		for third := 0; third < 256; third += 16 {
			r := netip.MustParsePrefix(fmt.Sprintf("10.%d.%d.0/20", second, third))
			if s.overlappingVPC(r) == nil {
				return r, nil
			}
		}
	}
	return netip.Prefix{}, unprocessable("There is no free range for another VPC.")
}
