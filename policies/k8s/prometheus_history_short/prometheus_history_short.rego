# METADATA
# title: Prometheus has lost samples that it should still have
# description: >-
#   What is declared is worth nothing if the samples are not there: a full volume, a limit of the size or a
#   database that began anew leave less history than the retention promises. Each Prometheus is asked, at the
#   address that was given for it, when its oldest sample was taken.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running, Prometheus]
#   needs: [prometheus_runtime]
#   wants: [volume_claims]
#   remediation: Enlarge the volume and the limit of the size, or find out when and why the database began anew.
#   parameters:
#     required: {default: 30d, description: How far back samples must reach if the retention does., pattern: '^([0-9]{1,3}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?$'}
package k8s.prometheus_history_short

import data.lib.duration
import data.lib.prometheus
import data.lib.prometheus_runtime

_required := duration.prometheus(data.parameters.prometheus_history_short.required)

fail contains {
	"path": prometheus.path,
	"key": one.url,
	"message": sprintf("%s has no samples from before %s.", [prometheus.who, one.told.oldest]),
	"evidence": object.union({"url": one.url, "at": one.at}, object.filter(one.told, ["oldest", "retention", "by_size"])),
} if {
	some one in prometheus_runtime.short(_required)
	prometheus_runtime.age(one.at) > _required
}

skip contains prometheus.absent

skip contains "It is not there for long enough." if {
	count(fail) + count(unknown) == 0
	count(prometheus_runtime.short(_required)) > 0
}

unknown contains prometheus_runtime.unanswered[_] if not prometheus.absent

unknown contains sprintf("%s does not tell since when it has samples.", [one.url]) if {
	not prometheus.absent
	some one in prometheus_runtime.answers
	not one.told.oldest
}

unknown contains prometheus_runtime.unclear[_] if not prometheus.absent

unknown contains "Since when it has its volume is not known." if {
	some one in prometheus_runtime.short(_required)
	not prometheus_runtime.age(one.at)
}
