package droplets

// AutoscaleConfig sets how many Droplets a pool has. A static pool has a fixed number, TargetNumberInstances. For a dynamic
// pool, set MinInstances and MaxInstances, and the fields below them as needed. Methods reject a configuration with fields of
// both.
type AutoscaleConfig struct {
	// TargetNumberInstances is the number of Droplets of a static pool, 1 to 1000.
	TargetNumberInstances int `json:"target_number_instances,omitzero"`
	// MinInstances is the smallest number of Droplets of a dynamic pool, 1 to 500.
	MinInstances int `json:"min_instances,omitzero"`
	// MaxInstances is the largest number of Droplets of a dynamic pool, 1 to 1000, and at least MinInstances. All of them
	// may be billed.
	MaxInstances int `json:"max_instances,omitzero"`
	// TargetCPUUtilization is the average CPU utilization that a dynamic pool is scaled to, as a fraction from 0.05 to 1; 0 if
	// the pool is not scaled by CPU utilization.
	TargetCPUUtilization float64 `json:"target_cpu_utilization,omitzero"`
	// TargetMemoryUtilization is the average memory utilization that a dynamic pool is scaled to, as a fraction from 0.05 to 1;
	// 0 if the pool is not scaled by memory utilization.
	TargetMemoryUtilization float64 `json:"target_memory_utilization,omitzero"`
	// CooldownMinutes is the shortest time between two changes of the number of Droplets of a dynamic pool, 5 to 20 minutes; 0
	// for the API's default.
	CooldownMinutes int `json:"cooldown_minutes,omitzero"`
}

// IsStatic reports whether the pool has a fixed number of Droplets, that is, whether TargetNumberInstances is set.
func (c AutoscaleConfig) IsStatic() bool { return c.TargetNumberInstances != 0 }

// isDynamic reports whether a field of a dynamic pool is set.
func (c AutoscaleConfig) isDynamic() bool {
	c.TargetNumberInstances = 0
	return c != AutoscaleConfig{}
}

// check rejects a configuration of neither kind, one with fields of both, and values outside the ranges that the API
// documents. field is the name of the configuration in the request.
func (c AutoscaleConfig) check(field string) error {
	const maxInstances, maxMinInstances = 1000, 500
	const minCooldown, maxCooldown = 5, 20
	if !c.isDynamic() {
		if !c.IsStatic() {
			return invalid(field, "must have TargetNumberInstances, or MinInstances and MaxInstances")
		}
		return checkRange(field+".TargetNumberInstances", c.TargetNumberInstances, 1, maxInstances)
	}
	if c.IsStatic() {
		return invalid(field+".TargetNumberInstances", "cannot be combined with the fields of a dynamic pool")
	}
	if err := checkRange(field+".MinInstances", c.MinInstances, 1, maxMinInstances); err != nil {
		return err
	}
	if err := checkRange(field+".MaxInstances", c.MaxInstances, 1, maxInstances); err != nil {
		return err
	}
	if c.MaxInstances < c.MinInstances {
		return invalid(field+".MaxInstances", "must be at least MinInstances (%d), got %d", c.MinInstances, c.MaxInstances)
	}
	if err := checkTarget(field+".TargetCPUUtilization", c.TargetCPUUtilization); err != nil {
		return err
	}
	if err := checkTarget(field+".TargetMemoryUtilization", c.TargetMemoryUtilization); err != nil {
		return err
	}
	if c.CooldownMinutes == 0 {
		return nil
	}
	return checkRange(field+".CooldownMinutes", c.CooldownMinutes, minCooldown, maxCooldown)
}

// checkRange rejects a value below least or above most.
func checkRange(field string, value, least, most int) error {
	if value < least || value > most {
		return invalid(field, "must be %d to %d, got %d", least, most, value)
	}
	return nil
}

// checkTarget rejects values outside the documented range, except 0. Among them are percentages, such as 60, and NaN.
func checkTarget(field string, value float64) error {
	const least = 0.05
	if value != 0 && !(value >= least && value <= 1) {
		return invalid(field, "must be a fraction from %v to 1, got %v", least, value)
	}
	return nil
}
