from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_fill_in_what_renewals_go_by")]

    operations = [
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'suspended'), ('suspended_at__isnull', False), models.Q(('suspended_because', ''), _negated=True)), models.Q(models.Q(('status', 'suspended'), _negated=True), ('suspended_at', None), ('suspended_because', '')), _connector='OR'), name='only_a_suspended_service_has_its_time_and_cause'),
        ),
    ]
